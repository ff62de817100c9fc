#include "bit_parallel.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <span>

namespace heed {

namespace {

using Bits = std::uint64_t;
constexpr std::size_t kBlock = 64;

/// For each word the places of a block that hold it.
class Places {
 public:
  Places(const std::vector<int>& a, const std::vector<int>& b) {
    int last = -1;
    for (const auto* words : {&a, &b}) {
      for (const int word : *words) last = std::max(last, word);
    }
    bits_.resize(static_cast<std::size_t>(last + 1));
  }

  void take(std::span<const int> block) {
    for (const int word : block_) bits_[word] = 0;
    block_ = block;
    for (std::size_t i = 0; i < block.size(); ++i) bits_[block[i]] |= Bits{1} << i;
  }
  Bits operator[](int word) const { return bits_[word]; }

 private:
  std::vector<Bits> bits_;
  std::span<const int> block_;
};

/// Calls `visit` with each block of the words.
template <typename Visit>
void for_each_block(const std::vector<int>& words, const Visit& visit) {
  for (std::size_t at = 0; at < words.size(); at += kBlock)
    visit(std::span(words).subspan(at, std::min(kBlock, words.size() - at)));
}

/// The rows of a block in the table of distances, column by column: where a cell is one more, or one less, than the one
/// above it.
struct DistanceRows {
  Bits more = ~Bits{0};
  Bits less = 0;

  /// Goes on to a word's column. `side` is what the cell above the block is more than the one to its left; returns the
  /// same of the last row.
  int step(Bits equal, Bits last, int side) {
    const Bits upright = equal | less;
    if (side < 0) equal |= 1;
    const Bits level = (((equal & more) + more) ^ more) | equal;
    Bits side_more = less | ~(level | more);
    Bits side_less = more & level;
    const int out = ((side_more & last) != 0 ? 1 : 0) - ((side_less & last) != 0 ? 1 : 0);
    side_more = side_more << 1 | (side > 0 ? 1 : 0);
    side_less = side_less << 1 | (side < 0 ? 1 : 0);
    more = side_less | ~(upright | side_more);
    less = side_more & upright;
    return out;
  }
};

}  // namespace

long edit_distance(const std::vector<int>& a, const std::vector<int>& b) {
  Places places(a, b);
  std::vector<signed char> sides(b.size(), 1);  // of the row above: from nothing, each word is one edit more
  for_each_block(a, [&](std::span<const int> block) {
    places.take(block);
    const Bits last = Bits{1} << (block.size() - 1);
    DistanceRows rows;
    for (std::size_t j = 0; j < b.size(); ++j)
      sides[j] = static_cast<signed char>(rows.step(places[b[j]], last, sides[j]));
  });
  return std::accumulate(sides.begin(), sides.end(), static_cast<long>(a.size()));
}

long common_subsequence(const std::vector<int>& a, const std::vector<int>& b) {
  Places places(a, b);
  std::vector<unsigned char> carries(b.size(), 0);  // of the additions of the block above
  long common = 0;
  for_each_block(a, [&](std::span<const int> block) {
    places.take(block);
    Bits rows = ~Bits{0};  // zero where a cell is one more than the one above it
    for (std::size_t j = 0; j < b.size(); ++j) {
      const Bits equal = rows & places[b[j]];
      const Bits sum = rows + equal;
      const Bits with_carry = sum + carries[j];
      carries[j] = sum < rows || with_carry < sum ? 1 : 0;
      rows = with_carry | (rows & ~equal);
    }
    const Bits all = ~Bits{0} >> (kBlock - block.size());
    common += std::popcount(~rows & all);
  });
  return common;
}

}  // namespace heed
