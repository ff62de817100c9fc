#pragma once
#include <cstdint>

namespace heed {

/// float32 products for processors without AVX-512, where oneDNN's are made for many rows: a single row takes them as
/// long as six, which is what decoding a sentence consists of.
///
/// Weights [in, out] in panels of 16 outputs, [out / 16][in][16]; the last is filled up with zeros.
struct FloatPanels {
  static constexpr std::int64_t kOut = 16;
  static constexpr std::int64_t kColumns = 6;  ///< inputs of a tile of a gradient
  /// Numbers of weights [in, out].
  static std::int64_t size(std::int64_t in, std::int64_t out) { return (out + kOut - 1) / kOut * kOut * in; }
};

struct FloatProduct {
  const float* x;  ///< [rows, in]; as columns, [rows / 6][step][6]
  const float* panels;
  float* y;  ///< [rows, out], rows `stride` apart
  std::int64_t in;
  std::int64_t out;
  std::int64_t stride;
  std::int64_t step;  ///< inputs from panel to panel and from group of columns to group: `in` or some more
  bool add;
};
/// y = x W or y += x W, and the same of x as columns. Every element is a sum over the inputs in their order, from 0,
/// whatever the number of rows; then it is added to what stands there.
void multiply_rows(const FloatProduct& of, std::int64_t rows);
void multiply_columns(const FloatProduct& of, std::int64_t rows);

}  // namespace heed
