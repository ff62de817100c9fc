#include "heed/products/quantized.h"

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/kernels/conversions.h"
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

QuantizedTable quantize_table(const Tensor& table, QuantizedStorage& storage) {
  storage.values.resize(static_cast<std::size_t>(table.size()));
  storage.scale.resize(static_cast<std::size_t>(table.rows));
  for (std::int64_t r = 0; r < table.rows; ++r) {
    storage.scale[static_cast<std::size_t>(r)] =
        quantize_row(table.row(r), storage.values.data() + r * table.columns, table.columns);
  }
  return {table.columns, storage.values, storage.scale};
}

void QuantizedTable::read(std::int64_t row, float* out) const {
  dequantize_bytes(values.data() + row * columns, scale[static_cast<std::size_t>(row)], out, columns);
}

}  // namespace heed
