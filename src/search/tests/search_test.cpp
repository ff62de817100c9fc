// What the rest of the house relies on: batches, attention, limits, ends, errors.
#include "heed/search/search.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "error_of.h"
#include "heed/base/error.h"
#include "toy_scorer.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using toy::Tokens;

using toy::kVocabulary;
using toy::options_with_beam;
const std::vector<int> kKeys = {4, 9, 2, 7, 1, 30, 8, 3};
const std::vector<int> kLengths = {3, 1, 5, 2, 2, 6, 1, 4};

class Beams : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(GreedyAndBeam, Beams, testing::Values(1, 2, 5, 12));

TEST_P(Beams, ASentenceAloneIsTheSameAsInABatch) {
  const toy::RandomModel model(1, kVocabulary);
  const SearchOptions options = options_with_beam(GetParam());
  toy::Scorer together(model, kKeys, kLengths, kVocabulary);
  const auto batch = run_search(together, kLengths, options);
  std::size_t longest = 0;
  for (std::size_t s = 0; s < kKeys.size(); ++s) {
    toy::Scorer scorer(model, {kKeys[s]}, {kLengths[s]}, kVocabulary);
    const auto alone = run_search(scorer, {kLengths[s]}, options);
    ASSERT_EQ(alone[0].size(), batch[s].size());
    for (std::size_t i = 0; i < alone[0].size(); ++i) {
      EXPECT_EQ(alone[0][i].tokens, batch[s][i].tokens);
      EXPECT_EQ(alone[0][i].log_probability, batch[s][i].log_probability);
      EXPECT_EQ(alone[0][i].score, batch[s][i].score);
      EXPECT_EQ(alone[0][i].attention, batch[s][i].attention);
    }
    // In the batch it is advanced as often as alone: nothing waits for the others, nothing is done twice.
    EXPECT_EQ(together.calls_with(static_cast<int>(s)), static_cast<int>(scorer.calls.size()));
    longest = std::max(longest, scorer.calls.size());
  }
  EXPECT_EQ(together.calls.size(), longest);
}

TEST_P(Beams, AttentionFollowsTheHypothesis) {
  const toy::RandomModel model(2, kVocabulary);
  toy::Scorer scorer(model, kKeys, kLengths, kVocabulary);
  const auto found = run_search(scorer, kLengths, options_with_beam(GetParam()));
  for (std::size_t s = 0; s < found.size(); ++s) {
    for (const Hypothesis& hypothesis : found[s]) {
      ASSERT_EQ(hypothesis.attention.size(), hypothesis.tokens.size());
      for (std::size_t t = 0; t < hypothesis.tokens.size(); ++t) {
        const Tokens before(hypothesis.tokens.begin(), hypothesis.tokens.begin() + static_cast<std::ptrdiff_t>(t));
        EXPECT_EQ(hypothesis.attention[t].mean, toy::attention_of(kKeys[s], before, kLengths[s]));
      }
    }
  }
}

TEST_P(Beams, NoAttentionIsKeptUnlessAsked) {
  const toy::RandomModel model(2, kVocabulary);
  SearchOptions options = options_with_beam(GetParam());
  options.keep_attention = false;
  toy::Scorer scorer(model, kKeys, kLengths, kVocabulary);
  for (const auto& sentence : run_search(scorer, kLengths, options)) {
    for (const Hypothesis& hypothesis : sentence) EXPECT_TRUE(hypothesis.attention.empty());
  }
}

TEST_P(Beams, FinishedHypothesesLeaveTheBatch) {
  const toy::RandomModel model(5, kVocabulary);
  toy::Scorer scorer(model, kKeys, kLengths, kVocabulary);
  const auto found = run_search(scorer, kLengths, options_with_beam(GetParam()));
  // Toy scorer: no row reads EOS. Here: a beam of hypotheses is followed at most, and all leave in the end.
  for (const auto& call : scorer.calls) {
    EXPECT_FALSE(call.empty());
    for (int s = 0; s < static_cast<int>(kKeys.size()); ++s) {
      EXPECT_LE(std::count(call.begin(), call.end(), s), GetParam());
    }
  }
  for (std::size_t s = 0; s < found.size(); ++s) {
    std::size_t longest = 0;
    for (const auto& hypothesis : found[s]) longest = std::max(longest, hypothesis.tokens.size());
    EXPECT_EQ(scorer.calls_with(static_cast<int>(s)), static_cast<int>(longest));  // nbest = beam: all are followed
  }
}

TEST_P(Beams, LengthsKeepTheLimit) {
  const toy::RandomModel model(8, kVocabulary);
  SearchOptions options = options_with_beam(GetParam());
  options.max_length_factor = 0.5;
  options.max_length_extra = 2;
  toy::Scorer scorer(model, kKeys, kLengths, kVocabulary);
  const auto found = run_search(scorer, kLengths, options);
  int unfinished = 0;
  for (std::size_t s = 0; s < found.size(); ++s) {
    const std::size_t limit = static_cast<std::size_t>(kLengths[s]) / 2 + 2;  // floor(0.5 * length) + 2
    for (const Hypothesis& hypothesis : found[s]) {
      ASSERT_LE(hypothesis.tokens.size(), limit);
      ASSERT_FALSE(hypothesis.tokens.empty());
      EXPECT_EQ(hypothesis.cut, hypothesis.tokens.back() != toy::kEnd);
      if (hypothesis.cut) {
        EXPECT_EQ(hypothesis.tokens.size(), limit);
        ++unfinished;
      }
      EXPECT_DOUBLE_EQ(hypothesis.score, hypothesis.log_probability / static_cast<double>(hypothesis.tokens.size()));
    }
  }
  EXPECT_GT(unfinished, 0);  // or the limit was not tested
}

TEST_P(Beams, ForcedLengthNeverEndsEarly) {
  const toy::RandomModel model(8, kVocabulary);
  SearchOptions options = options_with_beam(GetParam());
  options.forced_length = 9;  // beyond the limit of the shorter sentences: it comes instead of the limit
  options.max_length_extra = 0;
  toy::Scorer scorer(model, kKeys, kLengths, kVocabulary);
  const auto found = run_search(scorer, kLengths, options);
  EXPECT_EQ(scorer.calls.size(), 9u);
  for (const auto& sentence : found) {
    ASSERT_EQ(sentence.size(), static_cast<std::size_t>(GetParam()));
    for (const Hypothesis& hypothesis : sentence) {
      EXPECT_EQ(hypothesis.tokens.size(), 9u);
      EXPECT_THAT(hypothesis.tokens, testing::Not(testing::Contains(toy::kEnd)));
      EXPECT_FALSE(hypothesis.cut);
    }
  }
}

TEST_P(Beams, AsksForNoMoreContinuationsThanNeeded) {
  const toy::RandomModel model(8, kVocabulary);
  SearchOptions options = options_with_beam(GetParam());
  toy::Scorer free(model, kKeys, kLengths, kVocabulary);
  run_search(free, kLengths, options);
  EXPECT_THAT(free.ks, testing::Each(std::min(GetParam(), kVocabulary)));
  options.forced_length = 3;
  toy::Scorer forced(model, kKeys, kLengths, kVocabulary);
  run_search(forced, kLengths, options);
  EXPECT_THAT(forced.ks, testing::Each(std::min(GetParam() + 1, kVocabulary)));
}

float log_of(double p) { return static_cast<float>(std::log(p)); }

// Tokens: 0 and 3 are words, 1 is BOS, 2 EOS.
TEST(Ending, StopsWhenNoLiveHypothesisCanWin) {
  // EOS has 0.9 at once. The best rival has log 0.08 / 22 tokens = -0.115 at most, below log 0.9 = -0.105.
  const toy::TableModel model({{{}, {log_of(0.08), log_of(0.01), log_of(0.9), log_of(0.01)}}});
  toy::Scorer scorer(model, {0}, {1}, 4);
  const auto found = run_search(scorer, {1}, {.beam = 3, .ranking = {.length_penalty = 1}});
  EXPECT_THAT(found[0][0].tokens, ElementsAre(2));
  EXPECT_NEAR(found[0][0].score, std::log(0.9), 1e-6);
  EXPECT_EQ(scorer.calls.size(), 1u);
}

TEST(Ending, WithoutNormalisationAnyShorterLikelierTargetIsFinal) {
  const toy::TableModel model({{{}, {log_of(0.3), log_of(0.1), log_of(0.4), log_of(0.2)}}});
  toy::Scorer scorer(model, {0}, {1}, 4);
  EXPECT_THAT(run_search(scorer, {1}, {.beam = 3, .ranking = {.length_penalty = 0}})[0][0].tokens, ElementsAre(2));
  EXPECT_EQ(scorer.calls.size(), 1u);
}

TEST(Ending, ATieIsNoReasonToGoOn) {
  // Token 0 and EOS have 0.5 each; unnormalised, what follows token 0 can at best be equal.
  const float never = -std::numeric_limits<float>::infinity();
  const toy::TableModel model({{{}, {log_of(0.5), never, log_of(0.5), never}}});
  toy::Scorer scorer(model, {0}, {1}, 4);
  EXPECT_THAT(run_search(scorer, {1}, {.beam = 2, .ranking = {.length_penalty = 0}})[0][0].tokens, ElementsAre(2));
  EXPECT_EQ(scorer.calls.size(), 1u);
}

TEST(Ending, GoesOnWhileALongerTargetMayStillWin) {
  // The end at once has log 0.9 = -0.105. With a penalty of 2 the certain chain of token 0 has log 0.08 / length^2:
  // -0.63 after two tokens, but -0.070 after the six that the limit allows. The search must not stop before.
  std::map<Tokens, std::vector<float>> table;
  const float never = -std::numeric_limits<float>::infinity();
  table[{}] = {log_of(0.08), never, log_of(0.9), log_of(0.02)};
  table[{0}] = table[{0, 0}] = table[{0, 0, 0}] = table[{0, 0, 0, 0}] = {0, never, never, never};
  table[{0, 0, 0, 0, 0}] = {never, never, 0, never};
  table[{3}] = table[{3, 3}] = table[{3, 3, 3}] = table[{3, 3, 3, 3}] =
      table[{3, 3, 3, 3, 3}] = {never, never, never, 0};
  const toy::TableModel model(table);
  toy::Scorer scorer(model, {0}, {3}, 4);
  SearchOptions options{.beam = 3, .ranking = {.length_penalty = 2}};
  options.max_length_extra = 0;
  const auto found = run_search(scorer, {3}, options);
  EXPECT_THAT(found[0][0].tokens, ElementsAre(0, 0, 0, 0, 0, 2));
  EXPECT_NEAR(found[0][0].score, std::log(0.08) / 36, 1e-6);
}

TEST(Ties, GoToTheLowerRowThenToTheLowerToken) {
  const float half = log_of(0.5);
  const float never = -std::numeric_limits<float>::infinity();
  const toy::TableModel model(
      {{{}, {half, never, never, half}}, {{0}, {half, never, half, never}}, {{3}, {half, never, half, never}}});
  toy::Scorer scorer(model, {0}, {1}, 4);
  SearchOptions options{.beam = 2, .nbest = 2};
  options.max_length_factor = 0;
  options.max_length_extra = 2;
  const auto found = run_search(scorer, {1}, options);
  // Four targets of probability 1/4; the row of token 0 comes before that of token 3.
  EXPECT_THAT(found[0][0].tokens, ElementsAre(0, 0));
  EXPECT_THAT(found[0][1].tokens, ElementsAre(0, 2));
}

// A model that would rather go on: what the limit cuts is its best, and said to be cut.
TEST(Ending, WhatTheLimitCutsIsRankedByItsScore) {
  const float never = -std::numeric_limits<float>::infinity();
  const std::vector<float> endless = {log_of(0.6), never, log_of(0.05), log_of(0.35)};
  std::map<Tokens, std::vector<float>> table;
  table[{}] = table[{0}] = table[{3}] = endless;
  table[{0, 0}] = table[{0, 3}] = table[{3, 0}] = table[{3, 3}] = endless;
  const toy::TableModel model(table);
  for (const int beam : {1, 3}) {
    toy::Scorer scorer(model, {0}, {3}, 4);
    SearchOptions options{.beam = beam, .nbest = 1};
    options.max_length_factor = 1;
    options.max_length_extra = 0;
    const auto found = run_search(scorer, {3}, options);
    EXPECT_THAT(found[0][0].tokens, ElementsAre(0, 0, 0)) << beam;
    EXPECT_TRUE(found[0][0].cut) << beam;
  }
}

TEST(Search, EmptyBatchCallsNothing) {
  const toy::RandomModel model(1, 4);
  for (const int beam : {1, 4}) {
    toy::Scorer scorer(model, {}, {}, 4);
    EXPECT_TRUE(run_search(scorer, std::vector<int>{}, {.beam = beam}).empty());
    EXPECT_TRUE(scorer.calls.empty());
  }
}

TEST(Search, LimitIsAtLeastOneToken) {
  const toy::RandomModel model(1, 4);
  for (const int beam : {1, 4}) {
    toy::Scorer scorer(model, {0}, {1}, 4);
    const auto found = run_search(scorer, {1}, {.beam = beam, .max_length_factor = 0, .max_length_extra = 0});
    EXPECT_EQ(found[0][0].tokens.size(), 1u);
  }
}

std::string search_error(const std::vector<float>& first_scores, int beam, int forced_length = 0) {
  const std::map<Tokens, std::vector<float>> table = {{{}, first_scores}};
  const toy::TableModel model(table);
  toy::Scorer scorer(model, {0}, {1}, static_cast<int>(first_scores.size()));
  return error_of([&] {
    run_search(scorer, {1},
               {.beam = beam, .max_length_factor = 0, .max_length_extra = 1, .forced_length = forced_length});
  });
}

TEST_P(Beams, ScoresThatAreNotFiniteAreAnError) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(search_error({-1, -1, -1, -2}, GetParam()), "");
  EXPECT_THAT(search_error({nan, nan, nan, nan}, GetParam()), HasSubstr("the model's scores are not finite"));
  EXPECT_THAT(search_error({inf, -1, -1, -2}, GetParam()), HasSubstr("the model's scores are not finite"));
  EXPECT_THAT(search_error({-inf, -inf, -inf, -inf}, GetParam()), HasSubstr("leave no token"));
  EXPECT_EQ(search_error({-inf, -inf, -inf, -1}, GetParam()), "");
  // Only EOS is left, and the forced length excludes it.
  EXPECT_THAT(search_error({-inf, -inf, -1, -inf}, GetParam(), 1), HasSubstr("leave no token"));
}

TEST(Search, WrongOptionsAreUsageErrors) {
  const toy::RandomModel model(1, 4);
  toy::Scorer scorer(model, {0}, {1}, 4);
  EXPECT_THROW(run_search(scorer, {1}, {.beam = 0}), UsageError);
  EXPECT_THROW(run_search(scorer, {1}, {.beam = 2, .nbest = 3}), UsageError);
  EXPECT_THROW(run_search(scorer, {1}, {.beam = 2, .nbest = 0}), UsageError);
  EXPECT_THROW(run_search(scorer, {1}, {.ranking = {.length_penalty = -0.1}}), UsageError);
  EXPECT_THROW(run_search(scorer, {1}, {.ranking = {.word_reward = std::nan("")}}), UsageError);
  EXPECT_THROW(run_search(scorer, {1}, {.ranking = {.word_reward = 1e308}}), UsageError);
  EXPECT_THROW(run_search(scorer, {1}, {.min_length_extra = -1}), UsageError);
  EXPECT_THROW(run_search(scorer, {1}, {.max_length_factor = -1}), UsageError);
  EXPECT_THROW(run_search(scorer, {1}, {.max_length_extra = -1}), UsageError);
  EXPECT_THROW(run_search(scorer, {0}, {}), Error);
  EXPECT_TRUE(scorer.calls.empty());
}

/// A scorer that does not attend.
class PlainScorer : public StepScorer {
 public:
  void advance(std::span<const int>, std::span<const int>) override {}
  void best(int, std::span<Continuation> out) override { std::fill(out.begin(), out.end(), Continuation{0, -1}); }
  void by(int, std::span<const int>, std::span<Continuation> out) override { best(0, out); }
  AttentionRow attention(int) const override { return {}; }
  int vocabulary_size() const override { return 4; }
};

TEST(Search, ModelWithoutAttentionHasNone) {
  PlainScorer scorer;
  const auto found = run_search(scorer, {1}, {.keep_attention = true, .forced_length = 0});
  EXPECT_EQ(found[0][0].tokens.size(), 22u);
  EXPECT_TRUE(found[0][0].attention.empty());
}

}  // namespace
}  // namespace heed
