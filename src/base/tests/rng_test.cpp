#include "heed/base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace heed {
namespace {

TEST(Rng, IsTheKnownXoshiro) {
  // Reference: the authors' xoshiro256starstar.c with state {1, 2, 3, 4}.
  Rng rng;
  rng.set_state({1, 2, 3, 4});
  const std::uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240};
  for (const std::uint64_t value : expected) EXPECT_EQ(rng.next(), value);
}

TEST(Rng, SeedGoesThroughSplitMix) {
  // Reference: splitmix64.c from seed 0.
  EXPECT_EQ(Rng(0).state()[0], 0xe220a8397b1dcdafu);
  EXPECT_EQ(Rng(0).state()[1], 0x6e789e6aa1b965f4u);
}

TEST(Rng, StateContinuesTheStream) {
  Rng first(7);
  first.next();
  Rng second(1);
  second.set_state(first.state());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(first.next(), second.next());
}

TEST(Rng, StreamsDiffer) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint64_t a = 0; a < 10; ++a) {
      for (std::uint64_t b = 0; b < 10; ++b) seen.insert(Rng::stream(seed, a, b).next());
    }
  }
  EXPECT_EQ(seen.size(), 1000u);
  EXPECT_EQ(Rng::stream(1, 2, 3).next(), Rng::stream(1, 2, 3).next());
}

TEST(Rng, BelowIsUniformAndInRange) {
  Rng rng(3);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[rng.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 400);
  EXPECT_EQ(rng.below(1), 0u);
  const std::uint64_t large = (1ull << 63) + 1;
  for (int i = 0; i < 100; ++i) EXPECT_LT(rng.below(large), large);
}

TEST(Rng, UniformAndNormalHaveTheirMoments) {
  Rng rng(5);
  double uniform = 0, mean = 0, square = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = rng.uniform();
    ASSERT_TRUE(u >= 0 && u < 1);
    uniform += u;
    const double n = rng.normal();
    ASSERT_TRUE(std::isfinite(n));
    mean += n;
    square += n * n;
  }
  EXPECT_NEAR(uniform / kDraws, 0.5, 0.005);
  EXPECT_NEAR(mean / kDraws, 0, 0.015);
  EXPECT_NEAR(square / kDraws, 1, 0.02);
}

TEST(Rng, ShuffleIsAPermutation) {
  std::vector<int> values(100);
  std::iota(values.begin(), values.end(), 0);
  std::vector<int> shuffled = values;
  Rng rng(1);
  shuffle(shuffled, rng);
  EXPECT_NE(shuffled, values);
  std::sort(shuffled.begin(), shuffled.end());
  EXPECT_EQ(shuffled, values);
}

}  // namespace
}  // namespace heed
