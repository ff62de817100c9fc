#pragma once
#include <algorithm>
#include <cstdint>

namespace heed {

inline std::int64_t round_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

/// Calls use(first row, count) for blocks of rows, which stay in the near caches in whatever form they are multiplied.
template <typename Use>
void each_row_block(std::int64_t rows, Use&& use) {
  constexpr std::int64_t kMost = 256;
  for (std::int64_t row = 0; row < rows; row += kMost) use(row, std::min(kMost, rows - row));
}

}  // namespace heed
