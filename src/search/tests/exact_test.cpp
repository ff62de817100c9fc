// Beam search with a beam that holds everything is exact: compared with the enumeration of all targets.
#include <gmock/gmock.h>

#include <cmath>
#include <optional>
#include <set>

#include "beam_search.h"
#include "path_search.h"
#include "toy_scorer.h"

namespace heed {
namespace {

using toy::Tokens;

struct Target {
  Tokens tokens;
  double log_probability;
  double score;
};

/// What a target is ranked by, from the definitions in ranking.h.
double score_of(double log_probability, int length, const Ranking& by) {
  const double a = by.length_penalty;
  const double divisor = by.normalization == Normalization::kNone      ? 1
                         : by.normalization == Normalization::kAverage ? length
                         : by.normalization == Normalization::kGnmt    ? std::pow(5 + length, a) / std::pow(6, a)
                                                                       : std::pow(length, a);
  return log_probability / divisor + by.word_reward * length;
}

/// All targets of a sentence of `least` to `limit` tokens, best first. Written from the definition, not from the
/// search.
std::vector<Target> enumerate(const toy::Model& model, int sentence, int vocabulary, int limit, const Ranking& by,
                              int least = 1) {
  std::vector<Target> complete;
  std::vector<Target> open = {{{}, 0, 0}};
  for (int length = 1; length <= limit; ++length) {
    std::vector<Target> longer;
    for (const Target& target : open) {
      const auto scores = model.next(sentence, target.tokens);
      for (int token = 0; token < vocabulary; ++token) {
        Target next = target;
        next.tokens.push_back(token);
        next.log_probability += scores[token];
        next.score = score_of(next.log_probability, length, by);
        if (token == toy::kEnd && length < least) continue;
        (token == toy::kEnd || length == limit ? complete : longer).push_back(next);
      }
    }
    open = std::move(longer);
  }
  std::stable_sort(complete.begin(), complete.end(),
                   [](const Target& a, const Target& b) { return a.score > b.score; });
  return complete;
}

class Exact : public testing::TestWithParam<Ranking> {};

TEST_P(Exact, BeamThatHoldsEverythingFindsTheBest) {
  const int vocabulary = 4;
  for (unsigned seed = 0; seed < 20; ++seed) {
    const toy::RandomModel model(seed, vocabulary);
    // limit 4: 1 + 3 + 9 + 27 * 4 = 121 targets in all
    SearchOptions options{.beam = 121, .nbest = 7, .ranking = GetParam()};
    options.max_length_factor = 1.5;
    options.max_length_extra = 1;
    toy::Scorer scorer(model, {5}, {2}, vocabulary);
    const auto found = run_search(scorer, {2}, options);
    const auto expected = enumerate(model, 5, vocabulary, 4, GetParam());
    ASSERT_EQ(expected.size(), 121u);
    ASSERT_EQ(found.size(), 1u);
    ASSERT_EQ(found[0].size(), 7u);
    for (int i = 0; i < 7; ++i) {
      EXPECT_EQ(found[0][i].tokens, expected[i].tokens) << "seed " << seed << ", place " << i;
      EXPECT_DOUBLE_EQ(found[0][i].log_probability, expected[i].log_probability);
      EXPECT_NEAR(found[0][i].score, expected[i].score, 1e-12);
    }
  }
}

TEST_P(Exact, SmallBeamReturnsRealTargetsWithTheirScores) {
  const int vocabulary = 5;
  for (unsigned seed = 0; seed < 20; ++seed) {
    const toy::RandomModel model(seed, vocabulary);
    SearchOptions options{.beam = 3, .nbest = 3, .ranking = GetParam()};
    options.max_length_factor = 2;
    options.max_length_extra = 0;
    toy::Scorer scorer(model, {1}, {2}, vocabulary);
    const auto found = run_search(scorer, {2}, options);
    const auto all = enumerate(model, 1, vocabulary, 4, GetParam());
    ASSERT_EQ(found[0].size(), 3u);
    std::set<Tokens> distinct;
    for (std::size_t i = 0; i < found[0].size(); ++i) {
      const auto real =
          std::find_if(all.begin(), all.end(), [&](const auto& t) { return t.tokens == found[0][i].tokens; });
      ASSERT_NE(real, all.end());
      EXPECT_DOUBLE_EQ(found[0][i].log_probability, real->log_probability);
      EXPECT_NEAR(found[0][i].score, real->score, 1e-12);
      EXPECT_GE(found[0][i == 0 ? 0 : i - 1].score, found[0][i].score);
      distinct.insert(found[0][i].tokens);
    }
    EXPECT_EQ(distinct.size(), 3u);
  }
}

TEST_P(Exact, ForcedLengthFindsTheBestOfThatLength) {
  const int vocabulary = 4;
  for (unsigned seed = 0; seed < 10; ++seed) {
    const toy::RandomModel model(seed, vocabulary);
    const SearchOptions options{.beam = 27, .nbest = 2, .ranking = GetParam(), .forced_length = 3};
    toy::Scorer scorer(model, {0}, {1}, vocabulary);
    const auto found = run_search(scorer, {1}, options);
    std::vector<Target> expected = enumerate(model, 0, vocabulary, 3, GetParam());
    std::erase_if(expected, [](const Target& t) {
      return t.tokens.size() != 3 || std::find(t.tokens.begin(), t.tokens.end(), toy::kEnd) != t.tokens.end();
    });
    ASSERT_EQ(expected.size(), 27u);
    EXPECT_EQ(found[0][0].tokens, expected[0].tokens);
    EXPECT_EQ(found[0][1].tokens, expected[1].tokens);
    EXPECT_EQ(scorer.calls.size(), 3u);
  }
}

TEST_P(Exact, NothingEndsBeforeTheLeastLength) {
  const int vocabulary = 4;
  for (const int least : {2, 3, 4, 9}) {  // 9: more than the most
    for (unsigned seed = 0; seed < 10; ++seed) {
      const toy::RandomModel model(seed, vocabulary);
      SearchOptions options{.beam = 121, .nbest = 5, .ranking = GetParam()};
      options.max_length_factor = 1;
      options.max_length_extra = 2;
      options.min_length_factor = 0.5;
      options.min_length_extra = least - 1;
      toy::Scorer scorer(model, {5}, {2}, vocabulary);
      const auto found = run_search(scorer, {2}, options);
      const auto expected = enumerate(model, 5, vocabulary, 4, GetParam(), std::min(least, 4));
      for (int i = 0; i < 5; ++i) EXPECT_EQ(found[0][i].tokens, expected[i].tokens) << least << ", seed " << seed;
    }
  }
}

/// Whether a target keeps to the rules, and its log-probability under them. Written from the definitions.
std::optional<double> ruled(const toy::Model& model, int sentence, const Tokens& tokens, const SearchRules& rules) {
  double log_probability = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Tokens before(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(i));
    if (std::ranges::count(rules.forbidden, tokens[i]) > 0) return std::nullopt;
    const auto score = static_cast<double>(model.next(sentence, before)[tokens[i]]);
    log_probability += std::ranges::count(before, tokens[i]) > 0 ? score * rules.repetition_penalty : score;
  }
  const auto n = static_cast<std::size_t>(rules.no_repeat_ngram);
  std::set<Tokens> seen;
  for (std::size_t i = 0; n > 0 && i + n <= tokens.size(); ++i) {
    const auto from = tokens.begin() + static_cast<std::ptrdiff_t>(i);
    if (!seen.insert(Tokens(from, from + static_cast<std::ptrdiff_t>(n))).second) return std::nullopt;
  }
  return log_probability;
}

TEST_P(Exact, KeepsToTheRules) {
  const int vocabulary = 5;
  for (const SearchRules& rules : {SearchRules{.forbidden = {3}}, SearchRules{.no_repeat_ngram = 1},
                                   SearchRules{.no_repeat_ngram = 2}, SearchRules{.repetition_penalty = 1.7},
                                   SearchRules{.forbidden = {0, 4}, .no_repeat_ngram = 3, .repetition_penalty = 1.2}}) {
    for (unsigned seed = 0; seed < 10; ++seed) {
      const toy::RandomModel model(seed, vocabulary);
      SearchOptions options{.beam = 400, .nbest = 3, .ranking = GetParam(), .rules = rules};
      options.max_length_factor = 1;
      options.max_length_extra = 2;
      toy::Scorer scorer(model, {5}, {2}, vocabulary);
      const auto found = run_search(scorer, {2}, options);
      std::vector<Target> expected;
      for (Target& target : enumerate(model, 5, vocabulary, 4, GetParam())) {
        const std::optional<double> log_probability = ruled(model, 5, target.tokens, rules);
        if (!log_probability) continue;
        target.score = score_of(*log_probability, static_cast<int>(target.tokens.size()), GetParam());
        expected.push_back(target);
      }
      std::ranges::stable_sort(expected, std::ranges::greater(), &Target::score);
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(found[0][i].score, expected[i].score, 1e-5) << seed;
        EXPECT_EQ(found[0][i].tokens, expected[i].tokens) << seed;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rankings, Exact,
                         testing::Values(Ranking{.length_penalty = 0.0}, Ranking{.length_penalty = 0.6}, Ranking{},
                                         Ranking{.length_penalty = 2.5}, Ranking{.normalization = Normalization::kNone},
                                         Ranking{.normalization = Normalization::kAverage, .length_penalty = 3},
                                         Ranking{.normalization = Normalization::kGnmt, .length_penalty = 0.6},
                                         Ranking{.normalization = Normalization::kGnmt, .length_penalty = 2},
                                         Ranking{.word_reward = 0.7}, Ranking{.word_reward = -0.7},
                                         Ranking{.normalization = Normalization::kNone, .word_reward = 1.5},
                                         Ranking{.normalization = Normalization::kGnmt, .word_reward = -2}));

// Beyond the bound nothing better is found; the first that finish need not be the best.
TEST(Stop, SaysWhenASentenceIsDone) {
  const int vocabulary = 5;
  int faster = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
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
