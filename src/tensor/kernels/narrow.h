#pragma once
#include <cstdint>
#include <span>

#include "heed/tensor/tensor.h"

// Between float32 and the narrow numbers of matrix products.
namespace heed {

// ---- bfloat16: the upper half of a float32, rounded to nearest, ties to even; what is not a number stays so
// -----------

void to_bfloat16(const float* x, std::uint16_t* y, std::int64_t count);
/// y = x with the precision of bfloat16, still as float32.
void round_to_bfloat16(const float* x, float* y, std::int64_t count);

/// Weights [in, out] (or, transposed, given as [out, in]) in blocks of 32 inputs x 64 outputs, two inputs of an output
/// beside each other: what the processor's dot products of pairs read (oneDNN: BA16a64b2a). Blocks are filled up with
/// zeros.
struct Bfloat16Blocks {
  static constexpr std::int64_t kIn = 32;
  static constexpr std::int64_t kOut = 64;
};
void pack_bfloat16(const Tensor& weights, bool transposed, std::uint16_t* blocks);

// ---- int8: x = scale * q, q a whole number from -127 to 127
// ------------------------------------------------------------

/// Inputs: q + 128 as uint8, since the processor multiplies unsigned with signed. Returns the scale of the row: largest
/// magnitude / 127; not a number if one of x is none.
float quantize_row(const float* x, std::uint8_t* q, std::int64_t count);
/// The same, q as it is.
float quantize_row(const float* x, std::int8_t* q, std::int64_t count);

/// Weights [in, out] in blocks of 64 inputs x 64 outputs, four inputs of an output beside each other (oneDNN:
/// BA16a64b4a). Blocks are filled up with zeros.
struct Int8Blocks {
  static constexpr std::int64_t kIn = 64;
  static constexpr std::int64_t kOut = 64;
};
struct Int8Weights {
  std::int8_t* blocks;
  float* scale;       ///< [out]
  std::int32_t* sum;  ///< [out] sum of q over the inputs, times 128: what the offset of the inputs adds to a product
};
void pack_int8(const Tensor& weights, const Int8Weights& out);
/// Blocks of some outputs of others with `in` inputs.
void select_int8(const std::int8_t* blocks, std::int64_t in, std::span<const int> outputs, std::int8_t* selected);

/// How a row of whole-number products becomes float32: (product - sum) * (scale * row_scale).
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
