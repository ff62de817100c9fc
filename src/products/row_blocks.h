#pragma once
#include <cstdint>
#include <span>

namespace heed {

inline std::int64_t round_up(std::int64_t value, std::int64_t unit) { return (value + unit - 1) / unit * unit; }

/// The first of these block sizes, largest first, that `rows` fill; or all rows.
inline std::int64_t next_block(std::int64_t rows, std::span<const std::int64_t> blocks) {
  for (const std::int64_t block : blocks) {
    if (rows >= block) return block;
  }
  return rows;
}

/// Calls use(first row, count) for blocks of few different sizes: few shapes are ever compiled by oneDNN, whatever the
/// lengths of the sentences are.
template <typename Use>
void each_row_block(std::int64_t rows, Use&& use) {
  constexpr std::int64_t kRowBlocks[] = {256, 64};
  for (std::int64_t row = 0; row < rows;) {
    const std::int64_t count = next_block(rows - row, kRowBlocks);
    use(row, count);
    row += count;
  }
}

}  // namespace heed
