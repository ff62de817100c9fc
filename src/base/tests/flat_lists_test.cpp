#include "heed/base/flat_lists.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

std::vector<std::vector<int>> all(const FlatLists<int>& lists) {
  std::vector<std::vector<int>> out;
  for (std::size_t i = 0; i < lists.size(); ++i) out.emplace_back(lists[i].begin(), lists[i].end());
  return out;
}

TEST(FlatLists, KeepsSomeInTheirOrder) {
  using Lists = std::vector<std::vector<int>>;
  const Lists lists = {{1, 2}, {}, {3}, {4, 5, 6}, {}};
  for (unsigned mask = 0; mask < 32; ++mask) {
    FlatLists<int> flat;
    std::vector<bool> kept;
    Lists expected;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      flat.add(lists[i]);
      kept.push_back((mask >> i & 1) != 0);
      if (kept.back()) expected.push_back(lists[i]);
    }
    EXPECT_EQ(all(flat), lists);
    flat.keep(kept);
    EXPECT_EQ(all(flat), expected);
    flat.add(lists[0]);
    EXPECT_EQ(all(flat).back(), lists[0]);
  }
}

}  // namespace
}  // namespace heed
