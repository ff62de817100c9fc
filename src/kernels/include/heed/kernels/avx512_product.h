#pragma once
#include <cstdint>

#include "heed/tensor/output_parts.h"

namespace heed {

/// Products of float32, and of bfloat16 in pairs, by AVX-512 and AVX-512 BF16. Only for processors that have it; AMX is
/// many times faster.
///
/// Weights lie in blocks of 64 outputs: of each input 64 float32, or of each two inputs 64 pairs of bfloat16
/// (Bfloat16Blocks). Every element of a product is a sum over the steps in order, from 0, for any number of rows; then
/// it is added to y.
struct Avx512Product {
  const void* x;  ///< rows of float32; or of bfloat16, with a 0 behind an odd number of inputs
  std::int64_t row_bytes;
  std::int64_t steps;        ///< inputs, or pairs of them
  const void* weights;       ///< the first step of the first block
  std::int64_t block_bytes;  ///< from one block to the next
  float* y;                  ///< the first of `out` outputs of the first row
  std::int64_t next_row;     ///< of y, in numbers
  std::int64_t rows;
  std::int64_t out;
  bool add;  ///< to y
  const OutputParts* parts = nullptr;
};
struct Avx512Blocks {
  static constexpr std::int64_t kOut = 64;
};
void multiply_avx512_float32(const Avx512Product& of);
void multiply_avx512_bfloat16(const Avx512Product& of);

/// Some outputs of float32 weights in blocks of 64, filled with zeros. Of many, blocks begin with a line of the cache.
struct Avx512FloatPacking {
  const float* weights;  ///< the first input of the first output
  bool transposed;       ///< they lie [out, in], or else [in, out]
  bool for_later;        ///< many need not pass the near caches
  std::int64_t next;     ///< numbers from a row to the next
  std::int64_t in;
  std::int64_t out;
  float* blocks;  ///< [round_up(out, 64) / 64][in][64]
};
void pack_avx512_floats(const Avx512FloatPacking& of);

/// Weights in blocks of 64 outputs in pairs of bfloat16 (Bfloat16Blocks), filled with zeros. Denormals become 0, as in
/// products.
struct Avx512Packing {
  const float* weights;  ///< [in, out]
  bool transposed;       ///< they lie [out, in]
  std::int64_t in;
  std::int64_t out;
  std::uint16_t* blocks;  ///< [round_up(out, 64) / 64][round_up(in, 32) / 2][64] pairs
};
void pack_avx512_bfloat16(const Avx512Packing& of);

/// dw = or += x^T dy of some rows, packed on the way; `in` and `out` are at least 1.
struct Avx512Gradient {
  const float* const* x;   ///< [rows] of `in` numbers
  const float* const* dy;  ///< [rows] of `out` numbers
  std::int64_t rows;
  float* dw;  ///< [in, out]
  std::int64_t in;
  std::int64_t out;
  bool add;  ///< to dw
  /// Memory for x and for some columns of dy, as they are multiplied: at least [round_up(in, kAvx512Columns), steps]
  /// and [kAvx512Outputs, steps], a step being a row of float32 or two of bfloat16.
  std::uint32_t* x_columns;
  std::uint32_t* dy_blocks;
};
constexpr std::int64_t kAvx512Columns = 6;
constexpr std::int64_t kAvx512Outputs = 128;
void gradient_avx512_float32(const Avx512Gradient& of);
/// Numbers are rounded to bfloat16 first; denormals become 0, as in its products.
void gradient_avx512_bfloat16(const Avx512Gradient& of);

}  // namespace heed
