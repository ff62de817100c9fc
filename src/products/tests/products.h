#pragma once
#include <gtest/gtest.h>

#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "heed/products/matmul.h"
#include "sanitized.h"
#include "values.h"

// What tests of matrix products share.
namespace heed {

/// Inputs and outputs of weights, around the blocks and tiles of every processor.
inline const std::vector<std::pair<int, int>> kShapes = {{1, 1},    {3, 17},   {48, 65},   {130, 48},  {64, 256},
                                                         {17, 130}, {256, 64}, {300, 500}, {512, 128}, {4099, 65}};

/// [columns, rows] of w [rows, columns].
inline Values transpose(const Values& w, int rows, int columns) {
  Values out(w.size());
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) out[c * rows + r] = w[r * columns + c];
  }
  return out;
}

/// The whole numbers of int8 blocks of weights [in, out] (QuantizedWeights::blocks).
inline Values whole_numbers(std::span<const std::int8_t> blocks, int in, int out) {
  const std::int64_t in_blocks = (in + 63) / 64;
  Values q(static_cast<std::size_t>(in) * static_cast<std::size_t>(out));
  for (int k = 0; k < in; ++k) {
    for (int n = 0; n < out; ++n) {
      const std::int64_t block = n / 64 * in_blocks + k / 64;
      q[k * out + n] = blocks[block * 64 * 64 + k % 64 / 4 * 64 * 4 + n % 64 * 4 + k % 4];
    }
  }
  return q;
}

/// A row's product is the same to the bit, whatever the number of rows and wherever it stands.
inline void check_rows(const PackedWeights& weights, int in, int out, Accumulate accumulate) {
  constexpr int kMost = kSanitized ? 300 : 600;
  Values x = random_values(std::int64_t{kMost} * in, 11);
  const Values start = random_values(std::int64_t{kMost} * out, 12);
  Values all = start;
  matmul(matrix(x, kMost, in), weights, matrix(all, kMost, out), accumulate);
  std::vector<int> counts = {1, 2, 3, 8, 17, 64, 65, 129, 257};
  if (!kSanitized) {
    counts = {128, 129, 200, 255, 256, 257, 300, 320, 513};
    for (int rows = 1; rows <= 70; ++rows) counts.push_back(rows);
  }
  for (const int rows : counts) {
    Values some(start.begin(), start.begin() + std::ptrdiff_t{rows} * out);
    matmul({x.data(), rows, in}, weights, matrix(some, rows, out), accumulate);
    ASSERT_EQ(std::memcmp(some.data(), all.data(), some.size() * sizeof(float)), 0)
        << rows << " rows of " << in << " x " << out;
  }
  // The same row further down.
  for (const int first : {1, 63, 256, kMost - 1}) {
    Values one(start.begin() + std::ptrdiff_t{first} * out, start.begin() + std::ptrdiff_t{first + 1} * out);
    matmul({x.data() + first * in, 1, in}, weights, matrix(one, 1, out), accumulate);
    ASSERT_EQ(std::memcmp(one.data(), all.data() + first * out, one.size() * sizeof(float)), 0) << "row " << first;
  }
}

}  // namespace heed
