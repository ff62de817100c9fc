#include "weight_blocks.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "heed/kernels/avx512_product.h"
#include "heed/kernels/conversions.h"
#include "heed/products/quantized.h"
#include "row_blocks.h"

namespace heed {
namespace {

// Fills `scale` and returns its inverses.
std::vector<float> column_scales(const Tensor& weights, float* scale) {
  std::vector<float> inverse(weights.columns);
  column_magnitudes(weights, scale);
  for (std::int64_t n = 0; n < weights.columns; ++n) {
    const Int8Scale both = int8_scale(scale[n]);
    inverse[n] = both.inverse;
    scale[n] = both.scale;
  }
  return inverse;
}

constexpr std::int64_t kGroup = Int8Blocks::kGroup;

// Where q[k, n] of weights with `in` inputs lies.
std::int64_t int8_place(std::int64_t k, std::int64_t n, std::int64_t in) {
  const std::int64_t block = (n / Int8Blocks::kOut) * QuantizedWeights::block_count(in) + k / Int8Blocks::kIn;
  const std::int64_t group = (k % Int8Blocks::kIn) / kGroup;
  return block * Int8Blocks::kIn * Int8Blocks::kOut + (group * Int8Blocks::kOut + n % Int8Blocks::kOut) * kGroup +
         k % kGroup;
}

}  // namespace

std::size_t bfloat16_bytes(std::int64_t in, std::int64_t out) {
  const std::int64_t numbers = round_up(in, Bfloat16Blocks::kIn) * round_up(out, Bfloat16Blocks::kOut);
  return static_cast<std::size_t>(numbers) * sizeof(std::uint16_t);
}

void pack_bfloat16(const Tensor& weights, bool transposed, std::uint16_t* blocks) {
  const std::int64_t in = transposed ? weights.columns : weights.rows;
  const std::int64_t out = transposed ? weights.rows : weights.columns;
  pack_avx512_bfloat16({weights.data, transposed, in, out, blocks});
}

void pack_int8(const Tensor& weights, const Int8Weights& out) {
  constexpr std::int64_t kOut = Int8Blocks::kOut;
  const std::vector<float> inverse = column_scales(weights, out.scale);
  const std::int64_t groups = round_up(weights.rows, Int8Blocks::kIn) / kGroup;
  const float zeros[kOut] = {};
  float edge[kGroup][kOut] = {};
  std::int8_t* to = out.blocks;
  for (std::int64_t first = 0; first < weights.columns; first += kOut) {
    const std::int64_t count = std::min(kOut, weights.columns - first);
    const auto row = [&](std::int64_t k, float* copy) -> const float* {
      if (k >= weights.rows) return zeros;
      if (count == kOut) return weights.row(k) + first;
      std::copy_n(weights.row(k) + first, count, copy);  // so that nothing is read beyond the row's end
      return copy;
    };
    float scales[kOut] = {};
    std::int32_t sums[kOut] = {};
    std::copy_n(inverse.data() + first, count, scales);
    for (std::int64_t group = 0; group < groups; ++group, to += kGroup * kOut) {
      const float* rows[kGroup];
      for (std::int64_t i = 0; i < kGroup; ++i) rows[i] = row(group * kGroup + i, edge[i]);
      pack_int8_group(rows, scales, sums, to);
    }
    for (std::int64_t n = 0; n < count; ++n) out.sum[first + n] = 128 * sums[n];
  }
}

void select_int8(const std::int8_t* blocks, std::int64_t in, std::span<const int> outputs, std::int8_t* selected) {
  const std::int64_t count = std::ssize(outputs);
  std::memset(selected, 0, QuantizedWeights::block_bytes(in, count));
  for (std::int64_t n = 0; n < count; ++n) {
    for (std::int64_t k = 0; k < in; k += kGroup) {
      std::memcpy(selected + int8_place(k, n, in), blocks + int8_place(k, outputs[n], in), kGroup);
    }
  }
}

}  // namespace heed
