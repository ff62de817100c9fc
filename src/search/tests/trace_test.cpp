#include <gmock/gmock.h>

#include "heed/search/search.h"
#include "toy_scorer.h"

namespace heed {
namespace {

using toy::Tokens;

const std::vector<int> kThreeKeys = {4, 9, 2};
const std::vector<int> kThreeLengths = {3, 1, 5};

Tokens tokens_to(const SearchTrace& trace, int place) {
  Tokens tokens;
  for (; place >= 0; place = trace.candidates[place].parent) {
    tokens.insert(tokens.begin(), trace.candidates[place].token);
  }
  return tokens;
}

class Traced : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(GreedyAndBeam, Traced, testing::Values(1, 2, 5));

TEST_P(Traced, ChangesNothing) {
  const toy::RandomModel model(1, toy::kVocabulary);
  toy::Scorer plain(model, kThreeKeys, kThreeLengths, toy::kVocabulary);
  toy::Scorer traced(model, kThreeKeys, kThreeLengths, toy::kVocabulary);
  std::vector<SearchTrace> traces;
  const auto expected = run_search(plain, kThreeLengths, toy::options_with_beam(GetParam()));
  const auto found = run_search(traced, kThreeLengths, toy::options_with_beam(GetParam()), &traces);
  ASSERT_EQ(traces.size(), kThreeKeys.size());
  for (std::size_t s = 0; s < found.size(); ++s) {
    ASSERT_EQ(found[s].size(), expected[s].size());
    for (std::size_t i = 0; i < found[s].size(); ++i) {
      EXPECT_EQ(found[s][i].tokens, expected[s][i].tokens);
      EXPECT_EQ(found[s][i].log_probability, expected[s][i].log_probability);
      EXPECT_EQ(found[s][i].attention, expected[s][i].attention);
    }
  }
}

TEST_P(Traced, FinishedCandidatesAreTheHypotheses) {
  const toy::RandomModel model(2, toy::kVocabulary);
  toy::Scorer scorer(model, kThreeKeys, kThreeLengths, toy::kVocabulary);
  std::vector<SearchTrace> traces;
  const auto found = run_search(scorer, kThreeLengths, toy::options_with_beam(GetParam()), &traces);
  for (std::size_t s = 0; s < found.size(); ++s) {
    std::map<Tokens, std::pair<double, bool>> ends;  // score, and whether the length limit made it
    for (std::size_t i = 0; i < traces[s].candidates.size(); ++i) {
      const TracedCandidate& candidate = traces[s].candidates[i];
      const bool cut = candidate.fate == Fate::kCut;
      if (cut || candidate.fate == Fate::kFinished)
        ends[tokens_to(traces[s], static_cast<int>(i))] = {candidate.score, cut};
    }
    EXPECT_EQ(ends.size(), found[s].size());
    for (const Hypothesis& hypothesis : found[s]) {
      ASSERT_TRUE(ends.contains(hypothesis.tokens));
      EXPECT_EQ(ends[hypothesis.tokens], std::pair(hypothesis.score, hypothesis.cut));
    }
  }
}

TEST_P(Traced, ProbabilitiesAndAttentionAreThoseOfTheModel) {
  const toy::RandomModel model(3, toy::kVocabulary);
  toy::Scorer scorer(model, kThreeKeys, kThreeLengths, toy::kVocabulary);
  std::vector<SearchTrace> traces;
  run_search(scorer, kThreeLengths, toy::options_with_beam(GetParam()), &traces);
  for (std::size_t s = 0; s < traces.size(); ++s) {
    const SearchTrace& trace = traces[s];
    EXPECT_FALSE(trace.cut);
    for (std::size_t i = 0; i < trace.candidates.size(); ++i) {
      const TracedCandidate& candidate = trace.candidates[i];
      ASSERT_LT(candidate.parent, static_cast<int>(i));
      if (candidate.parent >= 0) {
        EXPECT_EQ(trace.candidates[candidate.parent].fate, Fate::kKept);
      }
      const Tokens history = tokens_to(trace, candidate.parent);
      double log_probability = candidate.parent < 0 ? 0 : trace.candidates[candidate.parent].log_probability;
      log_probability += model.next(kThreeKeys[s], history)[candidate.token];
      EXPECT_DOUBLE_EQ(candidate.log_probability, log_probability);
      ASSERT_GE(candidate.attention, 0);
      EXPECT_EQ(trace.attention[candidate.attention], toy::attention_of(kThreeKeys[s], history, kThreeLengths[s]));
    }
  }
}

TEST_P(Traced, WhatWasPrunedIsNoBetterThanWhatWasKept) {
  const toy::RandomModel model(4, toy::kVocabulary);
  toy::Scorer scorer(model, kThreeKeys, kThreeLengths, toy::kVocabulary);
  std::vector<SearchTrace> traces;
  run_search(scorer, kThreeLengths, toy::options_with_beam(GetParam()), &traces);
  for (const SearchTrace& trace : traces) {
    std::map<std::size_t, std::pair<double, double>> steps;  // of each length: the worst taken, the best pruned
    std::map<std::size_t, int> pruned;
    for (std::size_t i = 0; i < trace.candidates.size(); ++i) {
      const TracedCandidate& candidate = trace.candidates[i];
      const std::size_t length = tokens_to(trace, static_cast<int>(i)).size();
      auto& [worst, best] = steps.try_emplace(length, 0.0, -1e9).first->second;
      if (candidate.fate == Fate::kPruned) {
        best = std::max(best, candidate.log_probability);
        ++pruned[length];
      } else {
        worst = std::min(worst, candidate.log_probability);
      }
    }
    for (const auto& [length, step] : steps) {
      EXPECT_GE(step.first, step.second);
      EXPECT_LE(pruned[length], GetParam());
    }
  }
}

TEST(Trace, OfALongSearchIsCut) {
  /// Every token is equally likely, but for the end.
  class Even : public toy::Model {
   public:
    std::vector<float> next(int, const Tokens&) const override { return {-1, -9, -9, -1, -1, -1, -1}; }
  };
  const Even model;
  toy::Scorer scorer(model, {0}, {1}, toy::kVocabulary);
  SearchOptions options{.beam = 5};
  options.forced_length = 600;
  std::vector<SearchTrace> traces;
  run_search(scorer, {1}, options, &traces);
  EXPECT_TRUE(traces[0].cut);
  EXPECT_EQ(traces[0].candidates.size(), static_cast<std::size_t>(SearchTrace::kMostTraced));
}

}  // namespace
}  // namespace heed
