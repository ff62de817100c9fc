// Sub-word sampling against what it is defined by.
#include "heed/text/piece_sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "heed/base/error.h"
#include "sentencepiece_model.h"

namespace heed {
namespace {

const std::vector<std::string> kWordForms = {"low lower lowest",  "new newer newest", "wide wider widest",
                                             "slow slower",       "low new wide",     "owner of the lower well",
                                             "we owe 12 and more"};

TextSide side_of(const std::string& algorithm, double sampling, std::vector<std::string> symbols = {}) {
  TextOptions options;
  options.tokenizer = "sentencepiece";
  options.vocabulary = 45;
  options.algorithm = algorithm;
  options.sampling = sampling;
  options.symbols = std::move(symbols);
  return TextSide::build(options, kWordForms);
}

TEST(PieceSampler, TheTextStaysAndTheSegmentationsDiffer) {
  for (const char* algorithm : {"unigram", "bpe"}) {
    const TextSide side = side_of(algorithm, algorithm == std::string("bpe") ? 0.3 : 0.2);
    const PieceSampler sampler(side);
    Rng rng(1);
    for (const std::string& sentence : kWordForms) {
      const std::vector<int> usual = side.encode(sentence).ids;
      std::map<std::vector<int>, int> seen;
      for (int i = 0; i < 50; ++i) {
        const std::vector<int> ids = sampler.sample(usual, rng);
        ASSERT_EQ(side.decode(ids), sentence) << algorithm;
        ++seen[ids];
      }
      EXPECT_GT(seen.size(), 3U) << algorithm;
    }
    Rng one(5), two(5);
    EXPECT_EQ(sampler.sample(side.encode(kWordForms[0]).ids, one), sampler.sample(side.encode(kWordForms[0]).ids, two));
  }
}

// Far from random both are what the library finds the best, if their rules are the library's.
TEST(PieceSampler, WithoutChanceItIsTheBestSegmentation) {
  for (const auto& [algorithm, alpha] : {std::pair("unigram", 1e4), std::pair("bpe", 0.0)}) {
    const TextSide side = side_of(algorithm, alpha);
    const PieceSampler sampler(side);
    Rng rng(1);
    for (const std::string& sentence : kWordForms) {
      const std::vector<int> usual = side.encode(sentence).ids;
      EXPECT_EQ(sampler.sample(usual, rng), usual) << algorithm << ": " << sentence;
    }
  }
}

TEST(PieceSampler, AllMergesMayBeLeftOut) {
  const TextSide side = side_of("bpe", 1);
  Rng rng(1);
  const std::vector<int> ids = PieceSampler(side).sample(side.encode("low").ids, rng);
  std::vector<std::string> tokens;
  for (const int id : ids) tokens.push_back(side.token(id));
  EXPECT_THAT(tokens, testing::ElementsAre("\u2581", "l", "o", "w"));
}

// Each segmentation of a word as often as its probability to the power of alpha says.
TEST(PieceSampler, UnigramFollowsTheProbabilities) {
  constexpr double kAlpha = 0.4;
  constexpr int kSamples = 20000;
  const TextSide side = side_of("unigram", kAlpha);
  const std::vector<float> scores = piece_table(side.sentencepiece()).scores;
  const std::string word = "\u2581lower";
  std::map<std::vector<int>, double> expected;
  double all = 0;
  // Every way to cut after the mark and letters: five places.
  const std::vector<std::size_t> places = {3, 4, 5, 6, 7};
  for (int cuts = 0; cuts < 32; ++cuts) {
    std::vector<int> ids;
    double score = 0;
    std::size_t begin = 0;
    for (std::size_t p = 0; p <= places.size(); ++p) {
      const bool ends = p == places.size() || (cuts >> p & 1) != 0;
      if (!ends) continue;
      const std::size_t end = p == places.size() ? word.size() : places[p];
      ids.push_back(side.id(word.substr(begin, end - begin)));
      score += ids.back() == Vocabulary::kUnknown ? -1e9 : scores[static_cast<std::size_t>(ids.back())];
      begin = end;
    }
    if (score < -1e8) continue;
    expected[ids] = std::exp(kAlpha * score);
    all += expected[ids];
  }
  ASSERT_GT(expected.size(), 3U);
  const PieceSampler sampler(side);
  std::map<std::vector<int>, int> seen;
  Rng rng(9);
  for (int i = 0; i < kSamples; ++i) ++seen[sampler.sample(side.encode("lower").ids, rng)];
  for (const auto& [ids, count] : seen) ASSERT_TRUE(expected.contains(ids));
  for (const auto& [ids, weight] : expected) {
    const double share = weight / all;
    EXPECT_NEAR(seen[ids] / static_cast<double>(kSamples), share, 5 * std::sqrt(share / kSamples) + 1e-4);
  }
}

TEST(PieceSampler, SymbolsAndUnknownTextStay) {
  for (const char* algorithm : {"unigram", "bpe"}) {
    const TextSide side = side_of(algorithm, 0.1, {"low"});
    const PieceSampler sampler(side);
    const std::vector<int> usual = side.encode("newlowest \u6f22 wide").ids;
    Rng rng(1);
    for (int i = 0; i < 50; ++i) {
      const std::vector<int> ids = sampler.sample(usual, rng);
      EXPECT_EQ(std::count(ids.begin(), ids.end(), side.id("low")), 1) << algorithm;
      EXPECT_EQ(std::count(ids.begin(), ids.end(), Vocabulary::kUnknown), 1) << algorithm;
    }
    EXPECT_TRUE(sampler.sample({}, rng).empty());
  }
}

}  // namespace
}  // namespace heed
