#include "heed/data/batching.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace heed {
namespace {

// Lengths as in translation: the target about as long as the source.
Examples make_examples(int count, int longest = -1) {
  Rng rng(9);
  Examples examples;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t length = 1 + rng.below(10) * rng.below(6);
    const std::vector<int> source(length + rng.below(6), 3);
    const std::vector<int> target(length + rng.below(6), 3);
    examples.add({source, i == longest ? std::vector<int>(1000, 3) : target});
  }
  return examples;
}

using Batches = std::vector<std::vector<int>>;

void expect_each_once(const Batches& batches, std::size_t count) {
  std::vector<int> seen;
  for (const std::vector<int>& batch : batches) {
    EXPECT_FALSE(batch.empty());
    seen.insert(seen.end(), batch.begin(), batch.end());
  }
  std::sort(seen.begin(), seen.end());
  std::vector<int> all(count);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(seen, all);
}

// Positions that are padding, as a share of those that are not.
template <typename Length>
double padding(const Batches& batches, const Length& length) {
  double padded = 0, real = 0;
  for (const std::vector<int>& batch : batches) {
    std::size_t longest = 0;
    for (const int i : batch) {
      longest = std::max(longest, length(i));
      real += static_cast<double>(length(i));
    }
    padded += static_cast<double>(longest * batch.size());
  }
  return padded / real - 1;
}

TEST(Batching, EachExampleOnce) {
  for (const int count : {0, 1, 63, 64, 65, 10001}) {
    const Examples examples = make_examples(count);
    for (const BatchingOptions options : {BatchingOptions{64, 0, 50}, {64, 500, 50}, {1, 0, 1}, {7, 1, 3}}) {
      Rng rng(1);
      expect_each_once(make_batches(examples, options, rng), examples.size());
    }
  }
}

TEST(Batching, FullBatchesOfSentences) {
  const Examples examples = make_examples(6401);
  Rng rng(1);
  const Batches batches = make_batches(examples, {}, rng);
  EXPECT_EQ(batches.size(), 101u);
  EXPECT_EQ(std::count_if(batches.begin(), batches.end(), [](const auto& batch) { return batch.size() == 64; }), 100);
}

TEST(Batching, OnlyTheRngDecides) {
  const Examples examples = make_examples(1000);
  Rng one(1), same(1), other(2);
  const Batches batches = make_batches(examples, {}, one);
  EXPECT_EQ(make_batches(examples, {}, same), batches);
  EXPECT_NE(make_batches(examples, {}, other), batches);
  EXPECT_NE(make_batches(examples, {}, one), batches);  // the next epoch
}

TEST(Batching, LittlePadding) {
  const Examples examples = make_examples(20000);
  for (const int tokens : {0, 3000}) {
    Rng rng(1);
    const Batches batches = make_batches(examples, {64, tokens, 50}, rng);
    EXPECT_LT(padding(batches, [&](int i) { return examples[static_cast<std::size_t>(i)].target.size(); }), 0.12);
    EXPECT_LT(padding(batches, [&](int i) { return examples[static_cast<std::size_t>(i)].source.size(); }), 0.2);
  }
}

TEST(Batching, ComputedTokensAreBounded) {
  const Examples examples = make_examples(5000, 17);
  Rng rng(1);
  const Batches batches = make_batches(examples, {64, 600, 50}, rng);
  expect_each_once(batches, examples.size());
  std::size_t small = 0;
  for (const std::vector<int>& batch : batches) {
    std::size_t tokens = 0;  // of both sides, with EOS
    for (const int i : batch) {
      const Example example = examples[static_cast<std::size_t>(i)];
      tokens += example.source.size() + example.target.size() + 2;
    }
    const bool too_long = batch == std::vector<int>{17};
    EXPECT_TRUE(tokens <= 600 || too_long) << tokens;
    small += tokens < 300;
  }
  EXPECT_LT(small, batches.size() / 20);
}

TEST(Batching, OnlyWhatIsChosen) {
  const Examples examples = make_examples(100);
  Rng rng(1);
  const Batches batches = make_batches(examples, {5, 5, 7, 99}, {2, 0, 1}, rng);
  std::multiset<int> seen;
  for (const std::vector<int>& batch : batches) seen.insert(batch.begin(), batch.end());
  EXPECT_EQ(seen, (std::multiset<int>{5, 5, 7, 99}));
}

TEST(Batching, BatchesComeInNoOrderOfLength) {
  const Examples examples = make_examples(5000);
  Rng rng(1);
  int rises = 0;
  const Batches batches = make_batches(examples, {}, rng);
  for (std::size_t b = 1; b < batches.size(); ++b) {
    const auto length = [&](std::size_t i) { return examples[static_cast<std::size_t>(batches[i][0])].target.size(); };
    rises += length(b) > length(b - 1);
  }
  EXPECT_GT(rises, 25);
  EXPECT_LT(rises, 55);
}

TEST(Batching, Sorted) {
  const Batches expected = {{1, 3}, {2, 4}, {0}};
  EXPECT_EQ(make_sorted_batches({9, 1, 2, 1, 2}, 2), expected);
  EXPECT_TRUE(make_sorted_batches({}, 2).empty());
}

}  // namespace
}  // namespace heed
