#include "heed/data/epoch_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "../cache_part.h"
#include "../cache_windows.h"
#include "cached_data.h"

namespace heed {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

class WindowsTest : public PairCacheTest {
 protected:
  // A block is of 1024 pairs at most.
  void SetUp() override {
    write_corpus("a", 9000, 1);
    write_corpus("b", 3000, 2);
    write_corpus("dev", 20, 3);
  }
  TrainingData windowed(DataOptions options, double megabytes) {
    options.cache_memory = megabytes;
    return cached(options);
  }
};

/// All batches of an epoch as text.
std::vector<std::string> batches_from(const TrainingData& data, const BatchingOptions& options, int epoch, int first) {
  EpochBatches batches(data, options, 7, epoch);
  std::vector<std::string> out;
  for (int b = first; b < batches.size(); ++b) {
    std::string text;
    for (const Example& pair : batches[b]) {
      for (const int id : pair.source) text += std::to_string(id) + " ";
      text += "|";
      for (const int id : pair.target) text += std::to_string(id) + " ";
      text += "\n";
    }
    out.push_back(text);
  }
  return out;
}

std::vector<std::string> sorted_pairs(const std::vector<std::string>& batches) {
  std::vector<std::string> out;
  for (const std::string& batch : batches) {
    std::istringstream lines(batch);
    for (std::string line; std::getline(lines, line);) out.push_back(line);
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST_F(WindowsTest, AnEpochHasEachPairOnceAndGoesOnFromAnyBatch) {
  const TrainingData memory = windowed(options(), 100), few = windowed(options(), 0.2);
  ASSERT_FALSE(memory.cache);
  ASSERT_TRUE(few.cache);
  EXPECT_THAT(said_, Contains(HasSubstr("an epoch goes through")));
  EXPECT_EQ(few.train_pairs(), memory.train.size());
  EXPECT_EQ(few.train_lengths().sorted(), memory.train_lengths().sorted());
  for (const BatchingOptions how : {BatchingOptions{.batch_sentences = 16}, BatchingOptions{.batch_tokens = 200}}) {
    const std::vector<std::string> all = batches_from(few, how, 0, 0);
    EXPECT_EQ(sorted_pairs(all), sorted_pairs(batches_from(memory, how, 0, 0)));
    EXPECT_EQ(static_cast<int>(all.size()), EpochBatches(few, how, 7, 0).size());
    EXPECT_NE(all, batches_from(few, how, 1, 0));
    for (const int first : {1, 100, static_cast<int>(all.size()) - 1})
      EXPECT_EQ(batches_from(few, how, 0, first), std::vector<std::string>(all.begin() + first, all.end()));
  }
}

TEST_F(WindowsTest, HoldNoMoreThanTheyMay) {
  const TrainingData data = windowed(options(), 0.3);
  ASSERT_TRUE(data.cache);
  const auto windows = windows_of_epoch(*data.cache, {}, 300000, 7, 0);
  EXPECT_GT(windows.size(), 2u);
  std::int64_t all = 0;
  for (const auto& window : windows) {
    std::int64_t bytes = 0;
    for (const CacheSegment& segment : window) bytes += data.cache->memory_of(segment);
    EXPECT_LE(bytes, 300000);
    all += bytes;
  }
  EXPECT_GT(all, 600000);
  EXPECT_EQ(windows_of_epoch(*data.cache, {}, 1, 7, 0).size(), data.cache->blocks().size()) << "one block at least";
}

TEST_F(WindowsTest, CorporaAreDrawnByWeightInPassesOfTheirOwn) {
  DataOptions weighted = options();
  weighted.more_train = {files("b")};
  weighted.train.weight = 1;
  weighted.more_train[0].weight = 1;
  const TrainingData data = windowed(weighted, 0.2);
  ASSERT_TRUE(data.cache);
  std::vector<long> sizes;
  for (const ReadCorpus& corpus : data.corpora) sizes.push_back(corpus.kept);
  std::map<std::size_t, std::map<std::size_t, long>> drawn;  // of each block, how often each pair
  constexpr int kEpochs = 5;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    std::vector<long> counts(2);
    for (const auto& window : windows_of_epoch(*data.cache, data.mixture.weights, 200000, 7, epoch)) {
      for (const CacheSegment& segment : window) {
        counts[data.cache->blocks()[segment.block].corpus] += static_cast<long>(segment.pairs);
        for (std::size_t i = 0; i < segment.pairs; ++i) ++drawn[segment.block][segment.first + i];
      }
    }
    EXPECT_EQ(counts[0] + counts[1], sizes[0] + sizes[1]);
    EXPECT_LE(std::abs(counts[0] - counts[1]), 1);
  }
  for (const auto& [block, pairs] : drawn) {  // passes end between the epochs, but each pair is in each of them
    const std::uint32_t corpus = data.cache->blocks()[block].corpus;
    const double drawn_of_each = kEpochs * static_cast<double>(sizes[0] + sizes[1]) / 2;
    const double passes = drawn_of_each / static_cast<double>(sizes[corpus]);
    EXPECT_EQ(pairs.size(), data.cache->blocks()[block].pairs);
    for (const auto& [pair, times] : pairs) {
      EXPECT_GE(times, std::floor(passes));
      EXPECT_LE(times, std::ceil(passes));
    }
  }
}

// Steps that a batch takes beyond those that its tokens fill, as a share.
double imbalance(const TrainingData& data, const BatchingOptions& options, bool source) {
  EpochBatches batches(data, options, 7, 0);
  double steps = 0, tokens = 0;
  for (int b = 0; b < batches.size(); ++b) {
    std::size_t longest = 0, pairs = 0;
    for (const Example& pair : batches[b]) {
      const std::size_t length = (source ? pair.source : pair.target).size() + 1;
      longest = std::max(longest, length);
      tokens += static_cast<double>(length);
      ++pairs;
    }
    steps += static_cast<double>(longest * pairs);
  }
  return steps / tokens - 1;
}

TEST_F(WindowsTest, BatchesAreAsEvenAsThoseInMemory) {
  const TrainingData memory = windowed(options(), 100), few = windowed(options(), 0.5);
  ASSERT_TRUE(few.cache);
  for (const bool source : {true, false}) {
    const BatchingOptions how{.batch_sentences = 16, .pool_batches = 20};
    EXPECT_LT(imbalance(few, how, source), 1.1 * imbalance(memory, how, source) + 0.005);
  }
}

class WindowsOfSmallCacheTest : public PairCacheTest {};

TEST_F(WindowsOfSmallCacheTest, IdsThatChangeInATrainingAreNoticed) {
  DataOptions few = options();
  few.cache_memory = 0.01;
  const TrainingData data = cached(few);
  ASSERT_TRUE(data.cache);
  EpochBatches batches(data, {.batch_sentences = 8}, 7, 0);
  const std::string path = (root / "cache/part-000004").string();
  flip("part-000004", std::filesystem::file_size(path) - 20);
  EXPECT_THAT(error_of([&] {
                for (int b = 0; b < batches.size(); ++b) (void)batches[b];
              }),
              AllOf(HasSubstr("part-000004"), HasSubstr("changed")));
  EXPECT_THAT(error_of([&] { data.cache->check(); }), HasSubstr("part-000004"));
}

}  // namespace
}  // namespace heed
