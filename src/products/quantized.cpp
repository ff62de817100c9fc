#include "heed/products/quantized.h"

#include <algorithm>
#include <array>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/kernels/conversions.h"
#include "heed/tensor/buffer.h"
#include "weight_blocks.h"

namespace heed {

void QuantizedWeights::check_inputs(std::int64_t in) {
  if (in > kMostInputs) {
    throw Error(ErrorKind::kArgument,
                fmt::format("weights of {} inputs in int8: the sums of more than {} overflow", in, kMostInputs));
  }
}

QuantizedWeights quantize_weights(const Tensor& weights, QuantizedStorage& storage) {
  QuantizedWeights::check_inputs(weights.rows);
  const auto out = static_cast<std::size_t>(weights.columns);
  storage.values.resize(static_cast<std::size_t>(QuantizedWeights::block_bytes(weights.rows, weights.columns)));
  storage.scale.resize(out);
  storage.sum.resize(out);
  pack_int8(weights, {storage.values.data(), storage.scale.data(), storage.sum.data()});
  return {weights.rows, weights.columns, storage.values, storage.scale, storage.sum};
}

QuantizedWeights quantize_transposed(const Tensor& weights, QuantizedStorage& storage) {
  const Buffer turned(weights.columns, weights.rows);
  for (std::int64_t r = 0; r < weights.rows; ++r) {
    for (std::int64_t c = 0; c < weights.columns; ++c) turned.view().row(c)[r] = weights.row(r)[c];
  }
  return quantize_weights(turned.view(), storage);
}

QuantizedTable quantize_table(const Tensor& table, QuantizedStorage& storage) {
  storage.values.resize(static_cast<std::size_t>(table.size()));
  storage.scale.resize(static_cast<std::size_t>(table.rows));
  for (std::int64_t r = 0; r < table.rows; ++r) {
    storage.scale[static_cast<std::size_t>(r)] =
        quantize_row(table.row(r), storage.values.data() + r * table.columns, table.columns);
  }
  return {table.columns, storage.values, storage.scale, false};
}

void QuantizedTable::read(std::int64_t row, float* out) const {
  const float factor = scale[static_cast<std::size_t>(row)];
  if (!in_blocks) return dequantize_bytes(values.data() + row * columns, factor, out, columns);
  constexpr std::int64_t kBlock = QuantizedWeights::kBlock;
  constexpr std::int64_t kTogether = 4;  // inputs of an output
  const std::int64_t blocks = QuantizedWeights::block_count(columns);
  std::array<std::int8_t, kBlock> bytes;
  for (std::int64_t b = 0; b < blocks; ++b) {
    const std::int8_t* from = values.data() + (row / kBlock * blocks + b) * kBlock * kBlock + row % kBlock * kTogether;
    for (std::int64_t i = 0; i < kBlock; i += kTogether) std::copy_n(from + i * kBlock, kTogether, bytes.data() + i);
    dequantize_bytes(bytes.data(), factor, out + b * kBlock, std::min(kBlock, columns - b * kBlock));
  }
}

}  // namespace heed
