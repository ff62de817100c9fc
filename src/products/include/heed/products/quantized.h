#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "heed/base/export.h"
#include "heed/tensor/tensor.h"

namespace HEED_ENGINE_API heed {

/// Weights [in, out] in int8: w[i, o] = scale[o] * q[i, o], q from -127 to 127. A view: of a QuantizedStorage, or of a
/// mapped file.
struct QuantizedWeights {
  static constexpr std::int64_t kBlock = 64;  ///< inputs, and outputs, of a block; zero-padded at the edges
  /// Up to this many inputs, sums of products (at most 255 * 128 each) fit 32 bits.
  static constexpr std::int64_t kMostInputs = 65536;
  /// Throws Error if there are more.
  static void check_inputs(std::int64_t in);

  std::int64_t in = 0;
  std::int64_t out = 0;
  /// [out / 64][in / 64] blocks of [16][64][4]: four inputs of an output adjacent, as processors multiply them.
  std::span<const std::int8_t> blocks;
  std::span<const float> scale;       ///< [out]
  std::span<const std::int32_t> sum;  ///< [out] 128 times the sum of q over the inputs

  static std::int64_t block_count(std::int64_t size) { return (size + kBlock - 1) / kBlock; }
  static std::int64_t block_bytes(std::int64_t in, std::int64_t out) {
    return block_count(in) * block_count(out) * kBlock * kBlock;
  }
};

/// A table [rows, columns] in int8 with a scale for each row.
struct QuantizedTable {
  std::int64_t columns = 0;
  std::span<const std::int8_t> values;  ///< [rows, columns], or the blocks of QuantizedWeights [columns, rows]
  std::span<const float> scale;         ///< [rows]
  bool in_blocks = false;

  /// The rows that are the outputs of weights.
  static QuantizedTable of(const QuantizedWeights& weights) {
    return {weights.in, weights.blocks, weights.scale, true};
  }

  bool empty() const { return values.empty(); }
  /// Row r as float32.
  void read(std::int64_t row, float* out) const;
};

/// Owns quantized weights or a table.
struct QuantizedStorage {
  std::vector<std::int8_t> values;
  std::vector<float> scale;
  std::vector<std::int32_t> sum;
};
QuantizedWeights quantize_weights(const Tensor& weights, QuantizedStorage& storage);
/// The same of weights that lie as [out, in].
QuantizedWeights quantize_transposed(const Tensor& weights, QuantizedStorage& storage);
QuantizedTable quantize_table(const Tensor& table, QuantizedStorage& storage);

}  // namespace heed
