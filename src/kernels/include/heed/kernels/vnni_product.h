#pragma once
#include <cstdint>
#include <span>

#include "heed/kernels/conversions.h"
#include "heed/tensor/output_parts.h"
#include "heed/tensor/tensor.h"

namespace heed {

/// int8 products by AVX-512 VNNI, which multiplies four unsigned bytes by four signed ones and adds them up. Only for
/// processors that have it; AMX is many times faster.
struct VnniTerm {
  const std::uint8_t* x;      ///< [rows, in_blocks * 64] q + 128 (quantize_row); beyond the inputs anything
  const float* row_scale;     ///< [rows]
  const std::int8_t* blocks;  ///< Int8Blocks of the outputs
  const float* scale;         ///< [out]
  const std::int32_t* sum;    ///< [out] 128 times the sum of the weights of an output
  std::int64_t in_blocks;
};
/// quantize_row of all rows, to the bit, into rows of `bytes` that begin `stride` apart.
void quantize_rows_vnni(const Tensor& x, std::uint8_t* bytes, std::int64_t stride, float* row_scale);

struct VnniOutput {
  float* y;  ///< [rows, out]
  std::int64_t rows;
  std::int64_t out;
  bool add;  ///< to y
  const OutputParts* parts = nullptr;
};
/// y = or += the sum of x W over the terms, one after the other: (product - sum) * (scale * row_scale) of each, to the
/// bit as dequantize_row has it. The integer sums are exact, hence the same in any order.
void multiply_vnni(std::span<const VnniTerm> terms, const VnniOutput& to);

}  // namespace heed
