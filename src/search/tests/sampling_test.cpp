// Drawn targets, diverse groups, alternatives, pruning, patience and coverage.
#include "heed/search/sampling.h"

#include <gmock/gmock.h>

#include <limits>
#include <set>

#include "../sampler.h"
#include "../selection.h"
#include "heed/base/error.h"
#include "toy_scorer.h"

namespace heed {
namespace {

using testing::ElementsAre;
using toy::Tokens;

constexpr int kFive = 5;

std::vector<Continuation> row_of(const std::vector<double>& probabilities) {
  std::vector<Continuation> out;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    out.push_back({static_cast<int>(i), static_cast<float>(std::log(probabilities[i]))});
  }
  return out;
}

/// How often each place is drawn, of 1 together, over a grid of both numbers.
std::vector<double> shares(const std::vector<double>& probabilities, const Sampling& sampling, bool complete = true) {
  const auto row = row_of(probabilities);
  std::vector<double> out(row.size());
  const int steps = 400;
  for (int a = 0; a < steps; ++a) {
    for (int b = 0; b < steps; ++b) {
      const int place = draw(row, complete, sampling, {(a + 0.5) / steps, (b + 0.5) / steps});
      if (place != kUndecided) out[place] += 1.0 / (steps * steps);
    }
  }
  return out;
}

TEST(Draw, IsByProbabilityTemperedAndCut) {
  using testing::DoubleNear;
  const auto near = [](std::vector<double> expected) {
    std::vector<testing::Matcher<double>> out;
    for (const double one : expected) out.push_back(DoubleNear(one, 0.006));
    return testing::ElementsAreArray(out);
  };
  const std::vector<double> p = {0.5, 0.3, 0.15, 0.05};
  EXPECT_THAT(shares(p, {}), near(p));
  EXPECT_THAT(shares({0.4, 0.3, 0.2}, {}), near({4 / 9.0, 3 / 9.0, 2 / 9.0})) << "BOS has the rest";
  EXPECT_THAT(shares(p, {.temperature = 0.5}), near({.25 / .365, .09 / .365, .0225 / .365, .0025 / .365}));
  EXPECT_THAT(shares(p, {.top_k = 2}), near({0.625, 0.375, 0, 0}));
  EXPECT_THAT(shares(p, {.top_p = 0.49}), near({1, 0, 0, 0}));
  EXPECT_THAT(shares(p, {.top_p = 0.51}), near({0.625, 0.375, 0, 0}));
  EXPECT_THAT(shares(p, {.top_p = 0.81}), near({.5 / .95, .3 / .95, .15 / .95, 0}));
  EXPECT_THAT(shares(p, {.min_p = 0.29}), near({.5 / .95, .3 / .95, .15 / .95, 0}));
  EXPECT_THAT(shares(p, {.min_p = 1}), near({1, 0, 0, 0}));
  EXPECT_THAT(shares(p, {.top_k = 3, .top_p = 0.6, .min_p = 0.7}), near({1, 0, 0, 0}));
  EXPECT_THAT(shares({1e-30, 1e-31}, {.temperature = 0.01}), near({1, 0})) << "nothing underflows";
}

TEST(Draw, AsksForMoreWhereTheRestDecides) {
  const std::vector<double> first = {0.5, 0.3};
  EXPECT_NEAR(shares(first, {}, false)[0], 0.5, 0.006);
  EXPECT_EQ(draw(row_of(first), false, {}, {0.81, 0}), kUndecided);
  EXPECT_EQ(draw(row_of(first), false, {.top_p = 0.9}, {0, 0}), kUndecided);
  EXPECT_EQ(draw(row_of(first), false, {.top_p = 0.7}, {0, 0.99}), 1);
  EXPECT_EQ(draw(row_of(first), false, {.min_p = 0.3}, {0, 0}), kUndecided);
  EXPECT_EQ(draw(row_of(first), false, {.min_p = 0.7}, {0, 0.99}), 0);
}

// A vocabulary that is more than sampling looks at first, in the parts that it asks for.
TEST(Sampling, DrawsTargetsByTheirProbability) {
  const int vocabulary = 200;
  const toy::RandomModel model(3, vocabulary, 0.5);
  const auto expected = model.next(0, {});
  for (const double temperature : {1.0, 0.7}) {
    toy::Scorer scorer(model, {0}, {1}, vocabulary);
    SearchOptions options{.nbest = 20000, .sampling = Sampling{.temperature = temperature}};
    options.max_length_factor = 1;
    options.max_length_extra = 0;
    std::vector<double> counts(vocabulary);
    const auto found = run_search(scorer, {1}, options);
    for (const Hypothesis& one : found[0]) counts[one.tokens[0]] += 1;
    double sum = 0, chi = 0;
    for (const float one : expected) sum += std::exp(static_cast<double>(one) / temperature);
    for (int token = 0; token < vocabulary; ++token) {
      const double most = 20000 * std::exp(static_cast<double>(expected[token]) / temperature) / sum;
      chi += (counts[token] - most) * (counts[token] - most) / most;
    }
    EXPECT_LT(chi, 300) << "chi square of 199 degrees of freedom: 0.9999 is below 285";
  }
}

TEST(Sampling, DependsOnSeedAndStreamAlone) {
  const toy::RandomModel model(4, kFive);
  const auto tokens_of = [&](const std::vector<std::pair<int, std::uint64_t>>& all, std::uint64_t seed) {
    std::vector<SearchSentence> sentences;
    std::vector<int> keys, lengths;
    for (const auto& [key, stream] : all) {
      sentences.push_back({.source_length = 3, .stream = stream});
      keys.push_back(key);
      lengths.push_back(3);
    }
    toy::Scorer scorer(model, keys, lengths, kFive);
    SearchOptions options{.nbest = 3, .sampling = Sampling{.seed = seed}};
    std::vector<std::vector<Tokens>> out;
    for (const auto& found : run_search(scorer, std::span<const SearchSentence>(sentences), options)) {
      for (std::vector<Tokens>& of = out.emplace_back(); const Hypothesis& one : found) of.push_back(one.tokens);
    }
    return out;
  };
  const auto together = tokens_of({{1, 10}, {1, 11}, {2, 12}}, 7);
  EXPECT_EQ(together[0], tokens_of({{1, 10}}, 7)[0]);
  EXPECT_EQ(together[2], tokens_of({{2, 12}}, 7)[0]);
  EXPECT_NE(together[0], together[1]) << "the same sentence in another place";
  EXPECT_NE(together, tokens_of({{1, 10}, {1, 11}, {2, 12}}, 8));
  EXPECT_EQ(together[0].size(), 3u);
}

TEST(Groups, AvoidWhatOthersTake) {
  const toy::RandomModel model(6, kFive);
  const auto search = [&](int groups, double diversity) {
    toy::Scorer scorer(model, {1}, {2}, kFive);
    SearchOptions options{.beam = 4, .nbest = 4, .groups = groups, .diversity = diversity};
    options.max_length_extra = 3;
    std::vector<Hypothesis> found = run_search(scorer, {2}, options)[0];
    std::set<int> first;
    for (const Hypothesis& one : found) first.insert(one.tokens[0]);
    return std::pair(std::move(found), first.size());
  };
  EXPECT_EQ(search(4, 1000).second, 4u) << "each group begins otherwise";
  EXPECT_EQ(search(4, 0).first.size(), 1u) << "without diversity all groups find the same, which is said once";
  const auto half = search(2, 0.3).first;
  EXPECT_TRUE(std::ranges::is_sorted(half, std::ranges::greater(), &Hypothesis::score));
  toy::Scorer scorer(model, {1}, {2}, kFive);
  EXPECT_THROW(run_search(scorer, {2}, {.beam = 4, .groups = 3}), UsageError);
}

TEST(Alternatives, AreTheBestTokensOfTheFirstChoice) {
  const toy::RandomModel model(2, kFive);
  /// A prefix of one token.
  struct Begins : TokenAutomaton {
    int next(int state, int token) const override { return state == 1 || token == 3 ? 1 : kDead; }
  };
  for (const bool begins : {false, true}) {
    SearchSentence sentence{.source_length = 2};
    if (begins) sentence.constraints.automata = {std::make_shared<Begins>()};
    const std::size_t at = begins ? 1 : 0;
    toy::Scorer scorer(model, {1}, {2}, kFive);
    const auto found = run_search(scorer, std::span(&sentence, 1), {.nbest = 3, .alternatives = true})[0];
    ASSERT_EQ(found.size(), 3u);
    auto scores = model.next(1, begins ? Tokens{3} : Tokens{});
    std::vector<int> order = {0, 1, 2, 3, 4};
    std::ranges::sort(order, std::ranges::greater(), [&](int token) { return scores[token]; });
    std::set<int> taken;
    for (const Hypothesis& one : found) {
      if (begins) {
        EXPECT_EQ(one.tokens[0], 3);
      }
      taken.insert(one.tokens[at]);
      Tokens before(one.tokens.begin(), one.tokens.begin() + static_cast<std::ptrdiff_t>(at) + 1);
      while (before.size() < one.tokens.size()) {
        const auto next = model.next(1, before);
        before.push_back(static_cast<int>(std::ranges::max_element(next) - next.begin()));
      }
      EXPECT_EQ(one.tokens, before) << "greedy behind it";
    }
    EXPECT_EQ(taken, std::set<int>(order.begin(), order.begin() + 3));
  }
}

TEST(Prune, DropsWhatIsFarBelowTheBest) {
  const toy::RandomModel model(8, kFive);
  const auto rows = [&](double prune) {
    toy::Scorer scorer(model, {1}, {2}, kFive);
    SearchOptions options{.beam = 8, .nbest = 1, .ranking = {.stop = StopRule::kAll}, .prune = prune};
    options.max_length_extra = 3;
    run_search(scorer, {2}, options);
    std::size_t sum = 0;
    for (const auto& call : scorer.calls) sum += call.size();
    return sum;
  };
  EXPECT_LT(rows(0.1), rows(1));
  EXPECT_LT(rows(1), rows(0));
  EXPECT_EQ(rows(1000), rows(0));
}

TEST(Patience, SaysHowManyAreFollowedToTheirEnd) {
  const toy::RandomModel model(9, kFive);
  const auto found = [&](double patience) {
    toy::Scorer scorer(model, {1}, {2}, kFive);
    SearchOptions options{.beam = 3, .nbest = 3, .ranking = {.stop = StopRule::kAll, .patience = patience}};
    options.max_length_extra = 6;
    const auto best = run_search(scorer, {2}, options)[0];
    return std::pair(best.front().score, scorer.calls.size());
  };
  EXPECT_GE(found(3).first, found(1).first);
  EXPECT_GT(found(3).second, found(1).second);
  toy::Scorer few(model, {1}, {2}, kFive);
  SearchOptions impatient{.beam = 4, .ranking = {.stop = StopRule::kAll, .patience = 0.25}};
  impatient.max_length_extra = 6;
  EXPECT_EQ(run_search(few, {2}, impatient)[0].size(), 1u);
  EXPECT_EQ(few.ks.back(), 4) << "the beam is as wide as ever";
  toy::Scorer scorer(model, {1}, {2}, kFive);
  EXPECT_THROW(run_search(scorer, {2}, {.beam = 3, .nbest = 3, .ranking = {.patience = 0.5}}), UsageError);
}

/// A scorer whose attention is to the source token that the last target token names.
class Attending : public toy::Scorer {
 public:
  using toy::Scorer::Scorer;
  void advance(std::span<const int> parents, std::span<const int> tokens) override {
    toy::Scorer::advance(parents, tokens);
    last_.assign(tokens.begin(), tokens.end());
  }
  AttentionRow attention(int row) const override {
    std::vector<float> weights(4, 0.0F);
    weights[last_[row] == 3 ? 2 : last_[row] % 4 % 3] = 0.75F;
    weights[3] = 0.25F;
    return {weights, {}};
  }

 private:
  std::vector<int> last_;
};

TEST(Coverage, RanksWhatIsFinished) {
  const toy::RandomModel model(10, kFive, 1);
  for (const CoverageScore kind : {CoverageScore::kGnmt, CoverageScore::kSummary}) {
    const auto search = [&](double penalty) {
      Attending scorer(model, {1}, {4}, kFive);
      SearchOptions options{.beam = 400, .nbest = 400, .ranking = {.coverage = kind, .coverage_penalty = penalty}};
      options.max_length_factor = 1;
      options.max_length_extra = 0;
      options.keep_attention = true;
      return run_search(scorer, {4}, options)[0];
    };
    const auto plain = search(0);
    auto expected = plain;
    for (Hypothesis& one : expected) {
      std::vector<double> covered(3);
      for (const AttentionRow& row : one.attention) {
        for (std::size_t s = 0; s < 3; ++s) covered[s] += static_cast<double>(row.mean[s]);
      }
      for (const double c : covered) {
        one.score +=
            3 * (kind == CoverageScore::kGnmt ? std::log(std::max(1e-10, std::min(c, 1.0))) : -std::max(c - 1, 0.0));
      }
    }
    std::ranges::stable_sort(expected, std::ranges::greater(), &Hypothesis::score);
    const auto found = search(3);
    ASSERT_EQ(found.size(), expected.size());
    Attending scorer(model, {1}, {4}, kFive);
    SearchOptions bare{.beam = 400, .nbest = 3, .ranking = {.coverage = kind, .coverage_penalty = 3}};
    bare.max_length_factor = 1;
    bare.max_length_extra = 0;
    const auto without = run_search(scorer, {4}, bare);
    EXPECT_EQ(without[0][0].tokens, found[0].tokens) << "attention that is not asked for is kept for the score";
    EXPECT_TRUE(without[0][0].attention.empty());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i].score, expected[i].score, 1e-9);
    EXPECT_EQ(found[0].tokens, expected[0].tokens);
    const auto same = [](const Hypothesis& a, const Hypothesis& b) { return a.tokens == b.tokens; };
    EXPECT_FALSE(std::ranges::equal(found, plain, same)) << "the order is another";
  }
}

TEST(OnStep, TellsOfEachStepAndEndsASentence) {
  const toy::RandomModel model(12, kFive);
  for (const int beam : {1, 3}) {
    std::map<int, std::vector<Tokens>> told;
    SearchOptions options{.beam = beam};
    options.min_length_extra = 4;
    options.on_step = [&](const SearchStep& step) {
      told[step.sentence].emplace_back(step.tokens.begin(), step.tokens.end());
      return step.sentence != 1 || step.tokens.size() < 2;
    };
    toy::Scorer scorer(model, {1, 2}, {3, 3}, kFive);
    const auto found = run_search(scorer, {3, 3}, options);
    EXPECT_EQ(told[1].size(), 2u);
    EXPECT_TRUE(found[1][0].cut);
    EXPECT_EQ(found[1][0].tokens.size(), 2u);
    EXPECT_GE(told[0].size(), 3u);
    for (std::size_t i = 0; i < told[0].size(); ++i) EXPECT_EQ(told[0][i].size(), i + 1);
  }
}

TEST(TokenLogProbabilities, AddUp) {
  const toy::RandomModel model(13, kFive);
  for (const int beam : {1, 4}) {
    toy::Scorer scorer(model, {1}, {3}, kFive);
    const auto found = run_search(scorer, {3}, {.beam = beam, .nbest = beam});
    for (const Hypothesis& one : found[0]) {
      ASSERT_EQ(one.token_log_probabilities.size(), one.tokens.size());
      double sum = 0;
      for (const float each : one.token_log_probabilities) sum += static_cast<double>(each);
      EXPECT_DOUBLE_EQ(sum, one.log_probability);
    }
  }
}

}  // namespace
}  // namespace heed
