#pragma once
#include <cstdint>
#include <span>

#include "heed/base/export.h"
#include "heed/tensor/tensor.h"

// Between float32 and the formats of matrix products.
namespace HEED_ENGINE_API heed {

// ---- bfloat16: the upper half of a float32, rounded to nearest, ties to even; NaN stays NaN

void to_bfloat16(const float* x, std::uint16_t* y, std::int64_t count);
/// to_bfloat16 by the processor's instruction, three times as fast as by integers; denormals become 0, as in its
/// products. Only for processors with AVX-512 BF16.
void to_bfloat16_natively(const float* x, std::uint16_t* y, std::int64_t count);
/// y = x rounded to bfloat16, as float32.
void round_to_bfloat16(const float* x, float* y, std::int64_t count);

/// bfloat16 weights are stored in blocks of 32 inputs x 64 outputs, two inputs of an output adjacent, as the
/// processor's dot products of pairs read them. The last blocks are zero-padded.
struct Bfloat16Blocks {
  static constexpr std::int64_t kIn = 32;
  static constexpr std::int64_t kOut = 64;
};

// ---- int8: x = scale * q, q a whole number from -127 to 127

struct Int8Scale {
  float scale;    ///< NaN if the largest magnitude is not finite, so that every product of it is NaN and is noticed
  float inverse;  ///< 0 where all values are (nearly) 0, or are not finite
};
/// The scale of values with the largest magnitude `largest`.
Int8Scale int8_scale(float largest);

/// Inputs: q + 128 as uint8, since the processor multiplies unsigned by signed. Returns the row's scale.
float quantize_row(const float* x, std::uint8_t* q, std::int64_t count);
/// The same without the offset.
float quantize_row(const float* x, std::int8_t* q, std::int64_t count);

/// int8 weights are stored in blocks of 64 inputs x 64 outputs, four inputs of an output adjacent.
/// The last blocks are zero-padded.
struct Int8Blocks {
  static constexpr std::int64_t kIn = 64;
  static constexpr std::int64_t kOut = 64;
  static constexpr std::int64_t kGroup = 4;
};
/// largest[n] = the largest magnitude of column n.
void column_magnitudes(const Tensor& weights, float* largest);
/// A group of inputs (rows) of the 64 outputs of a block; adds the sums of the four q to `sums`.
void pack_int8_group(const float* const* rows, const float* inverse, std::int32_t* sums, std::int8_t* groups);

/// A row of integer products as float32: (product - sum) * (scale * row_scale).
struct Dequantize {
  const std::int32_t* products;  ///< [count]
  const float* scale;            ///< [count]
  const std::int32_t* sum;       ///< [count]
  float row_scale;
};
/// y = the sum of the parts, one after the other, or y += it.
void dequantize_row(std::span<const Dequantize> parts, bool add, float* y, std::int64_t count);

/// y = factor * q
void dequantize_bytes(const std::int8_t* q, float factor, float* y, std::int64_t count);

}  // namespace heed
