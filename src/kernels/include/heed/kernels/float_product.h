#pragma once
#include <cstdint>

namespace heed {

/// float32 products for processors without AVX-512, where those of libraries take as long for one row as for six.
/// Decoding one sentence multiplies single rows.
///
/// Weights [in, out] in panels of 16 outputs, [out / 16][in][16]; the last is zero-padded.
struct FloatPanels {
  static constexpr std::int64_t kOut = 16;
  static constexpr std::int64_t kColumns = 6;  ///< inputs of a tile of a gradient
  /// Floats of packed weights [in, out].
  static std::int64_t size(std::int64_t in, std::int64_t out) { return (out + kOut - 1) / kOut * kOut * in; }
};

struct FloatProduct {
  const float* x;  ///< [rows, in]; as columns, [rows / 6][step][6]
  const float* panels;
  float* y;  ///< [rows, out], rows `stride` apart
  std::int64_t in;
  std::int64_t out;
  std::int64_t stride;
  std::int64_t step;  ///< inputs from one panel or group of columns to the next: `in` or more
  bool add;
};
/// y = x W or y += x W, and the same of x as columns. Every element is a sum over the inputs in order, from 0, for any
/// number of rows; then it is added to y.
void multiply_rows(const FloatProduct& of, std::int64_t rows);
void multiply_columns(const FloatProduct& of, std::int64_t rows);

}  // namespace heed
