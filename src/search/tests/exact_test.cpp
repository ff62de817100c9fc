// Beam search with a beam that holds everything is exact: compared with the enumeration of all targets.
#include <gmock/gmock.h>

#include "beam_search.h"
#include "exhaustive.h"
#include "path_search.h"
#include "sanitized.h"
#include "toy_scorer.h"

namespace heed {
namespace {

using toy::Problem;
using toy::problems;
using toy::rankings;
using toy::Tokens;

/// Under a sanitizer each problem has a quarter of the rankings, and each ranking a quarter of the problems.
constexpr int kStep = kSanitized ? 4 : 1;

/// `of(problem)` makes a function that searches with such options, to be changed as it likes, and says what is wrong.
template <typename Of>
void expect_no_fault(const Of& of) {
  for (const Problem& problem : problems()) {
    const auto fault = of(problem);
    for (std::size_t r = problem.number % kStep; r < rankings().size(); r += kStep)
      ASSERT_EQ(fault(toy::whole_beam(problem, rankings()[r])), "") << "ranking " << r;
  }
}

TEST(Exact, BeamThatHoldsEverythingFindsTheBest) {
  expect_no_fault([](const Problem& problem) {
    return [&problem, all = toy::log_probabilities(problem)](const SearchOptions& options) {
      return toy::not_best(problem, all, options);
    };
  });
}

TEST(Exact, SmallBeamReturnsRealTargetsWithTheirScores) {
  expect_no_fault([](const Problem& problem) {
    return [&problem, all = toy::log_probabilities(problem)](SearchOptions options) {
      options.beam = options.nbest = 1 + problem.number % 5;
      const auto found = toy::search(problem, options);
      EXPECT_EQ(found.size(), static_cast<std::size_t>(options.beam)) << problem.text();
      return toy::unreal(problem, all, options, found);
    };
  });
}

TEST(Exact, ForcedLengthFindsTheBestOfThatLength) {
  expect_no_fault([](const Problem& problem) {
    auto all = toy::log_probabilities(problem);
    toy::keep(problem, all, [&](std::span<const int> tokens) {
      return tokens.size() == static_cast<std::size_t>(problem.limit) && tokens.back() != toy::kEnd;
    });
    return [&problem, all](SearchOptions options) {
      options.forced_length = problem.limit;
      toy::ProblemScorer scorer(problem);
      const auto found = run_search(scorer, {problem.source_length}, options);
      EXPECT_EQ(scorer.steps(), problem.limit) << problem.text();
      return toy::not_best(problem, all, options, found[0]);
    };
  });
}

TEST(Exact, NothingEndsBeforeTheLeastLength) {
  expect_no_fault([](const Problem& problem) {
    const int least = 2 + problem.number % (problem.limit + 1);  // up to two more than the most
    auto all = toy::log_probabilities(problem);
    toy::keep(problem, all, [&](std::span<const int> tokens) {
      return static_cast<int>(tokens.size()) >= std::min(least, problem.limit);
    });
    return [&problem, least, all](SearchOptions options) {
      options.min_length_factor = 0.25;
      options.min_length_extra = least - problem.source_length / 4;
      return toy::not_best(problem, all, options);
    };
  });
}

TEST(Exact, KeepsToTheRules) {
  expect_no_fault([](const Problem& problem) {
    const SearchRules rules = toy::draw_rules(problem);
    return [&problem, rules, all = toy::log_probabilities(problem, rules)](SearchOptions options) {
      options.rules = rules;
      return toy::not_best(problem, all, options);
    };
  });
}

// Beyond the bound nothing better is found; the first that finish need not be the best.
TEST(Stop, SaysWhenASentenceIsDone) {
  const int vocabulary = 5;
  int faster = 0;
  for (unsigned seed = 0; seed < 500; ++seed) {
    const toy::RandomModel model(seed, vocabulary);
    const auto search = [&](StopRule stop) {
      SearchOptions options{.beam = 4, .nbest = 2, .ranking = {.stop = stop}};
      options.max_length_factor = 3;
      options.max_length_extra = 0;
      toy::Scorer scorer(model, {1}, {2}, vocabulary);
      auto found = run_search(scorer, {2}, options);
      return std::pair(std::move(found[0]), scorer.calls.size());
    };
    const auto [bound, bound_steps] = search(StopRule::kBound);
    const auto [first, first_steps] = search(StopRule::kFirst);
    const auto [all, all_steps] = search(StopRule::kAll);
    EXPECT_LE(first_steps, bound_steps);
    EXPECT_LE(bound_steps, all_steps);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(bound[i].tokens, all[i].tokens) << "the bound holds";
      EXPECT_LE(first[i].score, bound[i].score);
    }
    faster += first_steps < bound_steps ? 1 : 0;
  }
  EXPECT_GT(faster, 0);
}

TEST(Greedy, IsBeamSearchWithABeamOfOne) {
  const int vocabulary = 6;
  std::vector<int> keys(40);
  std::vector<int> lengths(40);
  for (int i = 0; i < 40; ++i) keys[i] = i, lengths[i] = 1 + i % 7;
  const toy::RandomModel model(3, vocabulary);
  for (const int kind : {0, 1, 2, 3}) {
    SearchOptions options{.beam = 1, .keep_attention = true, .forced_length = kind == 1 ? 5 : 0};
    options.max_length_extra = 3;
    options.min_length_extra = kind == 2 ? 4 : 0;
    options.ranking = {.normalization = Normalization::kGnmt, .length_penalty = 0.6, .word_reward = 0.1};
    if (kind == 2) options.ranking.coverage_penalty = 0.3;
    if (kind == 3) options.rules = {.forbidden = {4}, .no_repeat_ngram = 2, .repetition_penalty = 1.3};
    toy::Scorer first(model, keys, lengths, vocabulary);
    toy::Scorer second(model, keys, lengths, vocabulary);
    std::vector<SearchSentence> sentences;
    for (const int length : lengths) sentences.push_back({length});
    const auto greedy = path_search(first, sentences, options);
    const auto beam = beam_search(second, sentences, options);
    ASSERT_EQ(greedy.size(), beam.size());
    for (std::size_t s = 0; s < greedy.size(); ++s) {
      ASSERT_EQ(beam[s].size(), 1u);
      EXPECT_EQ(greedy[s][0].tokens, beam[s][0].tokens);
      EXPECT_EQ(greedy[s][0].log_probability, beam[s][0].log_probability);
      EXPECT_EQ(greedy[s][0].score, beam[s][0].score);
      EXPECT_EQ(greedy[s][0].attention, beam[s][0].attention);
    }
    EXPECT_EQ(first.calls, second.calls);
  }
}

TEST(Greedy, TakesTheBestTokenAtEachStep) {
  const int vocabulary = 5;
  const toy::RandomModel model(11, vocabulary);
  SearchOptions options;
  options.max_length_factor = 1;
  options.max_length_extra = 6;
  for (int key = 0; key < 30; ++key) {
    toy::Scorer scorer(model, {key}, {2}, vocabulary);
    const Hypothesis found = run_search(scorer, {2}, options)[0][0];
    Tokens expected;
    double log_probability = 0;
    while (expected.size() < 8 && (expected.empty() || expected.back() != toy::kEnd)) {
      const auto scores = model.next(key, expected);
      const auto best = std::max_element(scores.begin(), scores.end());
      expected.push_back(static_cast<int>(best - scores.begin()));
      log_probability += *best;
    }
    EXPECT_EQ(found.tokens, expected);
    EXPECT_DOUBLE_EQ(found.log_probability, log_probability);
    EXPECT_DOUBLE_EQ(found.score, log_probability / static_cast<double>(expected.size()));
  }
}

}  // namespace
}  // namespace heed
