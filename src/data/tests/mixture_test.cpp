#include "heed/data/mixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace heed {
namespace {

using testing::ElementsAre;

std::vector<int> places(int begin, int end) {
  std::vector<int> out;
  for (int i = begin; i < end; ++i) out.push_back(i);
  return out;
}

TEST(Mixture, AnEpochHasAsManyPairsAsThereAre) {
  EXPECT_THAT((Mixture{{1, 1}, {places(0, 90), places(90, 100)}}).counts(), ElementsAre(50, 50));
  EXPECT_THAT((Mixture{{3, 1, 2}, {places(0, 1), places(1, 2), places(2, 100)}}).counts(), ElementsAre(50, 17, 33));
  EXPECT_THAT((Mixture{{1, 1, 1}, {places(0, 1), places(1, 2), places(2, 100)}}).counts(), ElementsAre(33, 34, 33));
  EXPECT_THAT((Mixture{{1e-6, 1}, {places(0, 9), places(9, 100)}}).counts(), ElementsAre(1, 100));
}

// A corpus's passes follow each other over the epochs: no pair comes again before all others came.
TEST(Mixture, EachPairComesOnceInAPass) {
  const Mixture mixture{{2, 1}, {places(0, 7), places(7, 60)}};
  std::map<int, int> seen;
  std::vector<int> small, large;
  for (int epoch = 0; epoch < 30; ++epoch) {
    for (const int place : mixture.pairs_of_epoch(1, epoch)) (place < 7 ? small : large).push_back(place);
  }
  EXPECT_EQ(small.size(), 30u * 40);
  EXPECT_EQ(large.size(), 30u * 20);
  for (const auto& [all, size, first] : {std::tuple(small, 7, 0), std::tuple(large, 53, 7)}) {
    for (std::size_t at = 0; at + static_cast<std::size_t>(size) <= all.size(); at += static_cast<std::size_t>(size)) {
      std::vector<int> pass(all.begin() + static_cast<std::ptrdiff_t>(at),
                            all.begin() + static_cast<std::ptrdiff_t>(at) + size);
      std::sort(pass.begin(), pass.end());
      EXPECT_EQ(pass, places(first, first + size));
    }
  }
}

TEST(Mixture, OnlySeedAndEpochDecide) {
  const Mixture mixture{{1, 1}, {places(0, 30), places(30, 100)}};
  const std::vector<int> third = mixture.pairs_of_epoch(1, 3);
  EXPECT_EQ(mixture.pairs_of_epoch(1, 3), third);
  EXPECT_NE(mixture.pairs_of_epoch(1, 4), third);
  EXPECT_NE(mixture.pairs_of_epoch(2, 3), third);
}

}  // namespace
}  // namespace heed
