// Targets under constraints: a beam that holds everything is compared with the enumeration of all targets.
#include "heed/search/constraints.h"

#include <gmock/gmock.h>

#include "exhaustive.h"
#include "heed/base/error.h"
#include "toy_scorer.h"

namespace heed {
namespace {

using testing::ElementsAre;
using toy::Problem;
using toy::problems;
using toy::Tokens;

bool is_one_of(const std::shared_ptr<const std::vector<bool>>& set, int token) { return set && (*set)[token]; }

/// Written from the definitions in constraints.h.
bool occurs(const Phrase& phrase, std::span<const int> tokens, const Constraints& of) {
  for (const Tokens& way : phrase.ways) {
    for (std::size_t i = 0; i + way.size() <= tokens.size(); ++i) {
      if (!std::ranges::equal(way, tokens.subspan(i, way.size()))) continue;
      const std::size_t behind = i + way.size();
      const bool goes_on = phrase.ends_word && behind < tokens.size() && tokens[behind] != toy::kEnd &&
                           is_one_of(of.continuing, tokens[behind]);
      const bool is_joined = phrase.begins_word && i > 0 && is_one_of(of.joining, tokens[i - 1]);
      if (!goes_on && !is_joined) return true;
    }
  }
  return false;
}

bool all_occur(std::span<const int> tokens, const Constraints& of) {
  return std::ranges::all_of(of.must, [&](const Phrase& phrase) { return occurs(phrase, tokens, of); });
}

/// Another ranking for each problem.
SearchOptions whole_beam(const Problem& problem) {
  SearchOptions options = toy::whole_beam(problem, toy::rankings()[problem.number % toy::rankings().size()]);
  options.keep_attention = true;
  return options;
}

/// What is wrong with the best under constraints that only targets that `keeps` takes keep to.
template <typename Keeps>
std::string not_best(const Problem& problem, const Constraints& constraints, const Keeps& keeps) {
  auto all = toy::log_probabilities(problem);
  toy::keep(problem, all, keeps);
  return toy::not_best(problem, all, whole_beam(problem), constraints);
}

Rng rng_of(const Problem& problem) { return Rng::stream(3, static_cast<std::uint64_t>(problem.number)); }

/// A token that does not end a target, for each letter: 'a' is the first.
int token_of(const Problem& problem, int letter) {
  const int choice = letter % (problem.vocabulary - 1);
  return choice < toy::kEnd ? choice : choice + 1;
}

std::shared_ptr<std::vector<bool>> draw_set(const Problem& problem, Rng& rng, double share) {
  auto out = std::make_shared<std::vector<bool>>();
  for (int token = 0; token < problem.vocabulary; ++token) out->push_back(rng.uniform() < share);
  return out;
}

/// One or two phrases of one or two ways of one to three tokens, and what continues and joins words.
Constraints draw_phrases(const Problem& problem, Rng& rng) {
  Constraints out;
  out.must.resize(1 + rng.below(2));
  for (Phrase& phrase : out.must) {
    phrase.ways.resize(1 + rng.below(2));
    phrase.ends_word = rng.below(4) > 0;
    phrase.begins_word = rng.below(4) > 0;
    for (Tokens& way : phrase.ways) {
      way.resize(1 + rng.below(3));
      for (int& token : way) token = token_of(problem, static_cast<int>(rng.below(5)));
    }
  }
  if (rng.below(3) > 0) out.continuing = draw_set(problem, rng, 0.4);
  if (rng.below(3) > 0) out.joining = draw_set(problem, rng, 0.4);
  return out;
}

TEST(Constraints, PhrasesThatMustOccurAreExact) {
  for (const Problem& problem : problems()) {
    Rng rng = rng_of(problem);
    const Constraints constraints = draw_phrases(problem, rng);
    ASSERT_EQ(not_best(problem, constraints, [&](auto tokens) { return all_occur(tokens, constraints); }), "");
  }
}

// With no more letters than a vocabulary has, other letters are the same.
TEST(Constraints, PhrasesThatMeetEachOtherAreExact) {
  const std::vector<std::vector<std::vector<std::string>>> all = {
      {{"a"}},               // a token
      {{"aa"}},              // one that overlaps itself
      {{"ab"}, {"bc"}},      // two that can overlap each other
      {{"cac"}},             // one whose end is its beginning
      {{"a", "bb"}, {"c"}},  // one in two ways
      {{"abc"}, {"ccc"}},    // together longer than most targets may be
  };
  for (const Problem& problem : problems()) {
    for (const auto& letters : all) {
      Constraints constraints;
      for (const auto& phrase : letters) {
        std::vector<Tokens>& ways = constraints.must.emplace_back().ways;
        for (const std::string& way : phrase) {
          for (Tokens& tokens = ways.emplace_back(); const char letter : way) {
            tokens.push_back(token_of(problem, letter - 'a'));
          }
        }
      }
      if (problem.number % 2 == 0) {
        auto continuing = std::make_shared<std::vector<bool>>(problem.vocabulary);
        (*continuing)[token_of(problem, 1)] = true;
        constraints.continuing = continuing;
      }
      ASSERT_EQ(not_best(problem, constraints, [&](auto tokens) { return all_occur(tokens, constraints); }), "")
          << letters[0][0];
    }
  }
}

constexpr int kVocabularyOf5 = 5;

std::vector<Hypothesis> search(const toy::Model& model, Constraints constraints, const SearchOptions& options) {
  toy::Scorer scorer(model, {0}, {1}, kVocabularyOf5);
  const SearchSentence sentence{.source_length = 1, .constraints = std::move(constraints)};
  return run_search(scorer, std::span(&sentence, 1), options).front();
}

// The tokens that a refused occurrence ends in are none's beginning where they stand behind what joins.
TEST(Constraints, APhraseDoesNotBeginInsideOneThatIsRefused) {
  auto both = std::make_shared<std::vector<bool>>(kVocabularyOf5);
  (*both)[3] = true;
  SearchOptions options{.beam = 400, .nbest = 100};
  options.max_length_factor = 1;
  options.max_length_extra = 3;
  const Constraints constraints{.must = {{{{3, 3}}}}, .continuing = both, .joining = both};
  const auto found = search(toy::RandomModel(1, kVocabularyOf5), constraints, options);
  EXPECT_FALSE(found.empty());
  for (const Hypothesis& one : found)
    EXPECT_TRUE(all_occur(one.tokens, constraints)) << testing::PrintToString(one.tokens);
}

// Each of three tokens, and a beam with less room than there are banks.
TEST(Constraints, PhrasesOccurInASmallBeamToo) {
  const Constraints constraints{.must = {{{{3, 4, 3}}}, {{{0, 0, 4}}}}};
  for (unsigned seed = 0; seed < 500; ++seed) {
    const toy::RandomModel model(seed, kVocabularyOf5, 4);
    for (const int beam : {1, 2, 5}) {
      SearchOptions options{.beam = beam, .nbest = beam, .ranking = {.patience = 1}};
      options.max_length_extra = 10;
      const auto found = search(model, constraints, options);
      ASSERT_FALSE(found.empty()) << "beam " << beam << ", seed " << seed;
      ASSERT_TRUE(std::ranges::all_of(found, [&](const Hypothesis& one) { return all_occur(one.tokens, constraints); }))
          << "beam " << beam << ", seed " << seed;
    }
  }
}

/// Whole targets that end, one in four, at least one.
std::vector<Tokens> draw_closed_set(const Problem& problem, Rng& rng) {
  std::vector<Tokens> out = {{toy::kEnd}};
  for (int t = 0; t < static_cast<int>(problem.targets.size()); ++t) {
    const auto tokens = problem.tokens(t);
    if (tokens.size() > 1 && tokens.back() == toy::kEnd && rng.below(4) == 0)
      out.emplace_back(tokens.begin(), tokens.end());
  }
  if (out.size() > 1 && rng.below(2) == 0) out.erase(out.begin());
  return out;
}

TEST(Constraints, ClosedSetIsExact) {
  for (const Problem& problem : problems()) {
    Rng rng = rng_of(problem);
    const std::vector<Tokens> allowed = draw_closed_set(problem, rng);
    const auto is_allowed = [&](std::span<const int> tokens) {
      return std::ranges::any_of(allowed, [&](const Tokens& one) { return std::ranges::equal(one, tokens); });
    };
    const Constraints constraints{.automata = {std::make_shared<TokenTrie>(allowed)}};
    ASSERT_EQ(not_best(problem, constraints, is_allowed), "");
    SearchOptions greedy = whole_beam(problem);
    greedy.beam = greedy.nbest = 1;
    ASSERT_TRUE(is_allowed(toy::search(problem, greedy, constraints).at(0).tokens)) << problem.text();
    SearchOptions samples = whole_beam(problem);
    samples.nbest = 5;
    samples.sampling = Sampling{};
    const auto drawn = toy::search(problem, samples, constraints);
    ASSERT_EQ(drawn.size(), 5U) << problem.text();
    for (const Hypothesis& one : drawn) {
      ASSERT_TRUE(is_allowed(one.tokens)) << problem.text();
    }
  }
}

/// Nothing behind a token may be more than it.
class Falling : public TokenAutomaton {
 public:
  int next(int state, int token) const override {
    if (token == toy::kEnd) return state;
    return state > 0 && token + 1 > state ? kDead : token + 1;
  }
};

bool falls(std::span<const int> tokens) {
  return std::ranges::is_sorted(tokens.first(tokens.size() - (tokens.back() == toy::kEnd ? 1 : 0)), std::greater<>());
}

TEST(Constraints, AnAutomatonThatListsNothingIsExact) {
  const auto falling = std::make_shared<Falling>();
  for (const Problem& problem : problems()) {
    ASSERT_EQ(not_best(problem, {.automata = {falling}}, falls), "");
    const Constraints with_phrase = {.automata = {falling}, .must = {{{{token_of(problem, 1), 0}}}}};
    const auto keeps = [&](auto tokens) { return falls(tokens) && all_occur(tokens, with_phrase); };
    ASSERT_EQ(not_best(problem, with_phrase, keeps), "") << "with a phrase";
    SearchOptions small = whole_beam(problem);
    small.beam = small.nbest = 2;
    const auto found = toy::search(problem, small, {.automata = {falling}});
    ASSERT_FALSE(found.empty()) << problem.text();
    for (const Hypothesis& one : found) {
      ASSERT_TRUE(falls(one.tokens)) << problem.text();
    }
  }
}

TEST(Constraints, WithRulesPenaltiesAndALeastLengthTheyAreExact) {
  for (const Problem& problem : problems()) {
    Rng rng = rng_of(problem);
    Constraints constraints = draw_phrases(problem, rng);
    constraints.must.resize(rng.below(2));
    const auto falling = std::make_shared<Falling>();
    if (constraints.must.empty() || rng.below(2) == 0) constraints.automata = {falling};
    SearchOptions options = whole_beam(problem);
    options.rules = toy::draw_rules(problem);
    options.min_length_extra = 1 + static_cast<int>(rng.below(3));
    auto all = toy::log_probabilities(problem, options.rules);
    toy::keep(problem, all, [&](std::span<const int> tokens) {
      return static_cast<int>(tokens.size()) >= std::min(options.min_length_extra, problem.limit) &&
             (constraints.automata.empty() || falls(tokens)) && all_occur(tokens, constraints);
    });
    ASSERT_EQ(toy::not_best(problem, all, options, constraints), "");
  }
}

TEST(Constraints, WhatCannotBeMetHasNoHypothesis) {
  const toy::RandomModel model(1, kVocabularyOf5);
  SearchOptions options{.beam = 400, .nbest = 5};
  options.max_length_factor = 1;
  options.max_length_extra = 3;
  EXPECT_TRUE(search(model, {.must = {{{{3, 3, 3, 3, 3}}}}}, options).empty()) << "longer than the limit";
  const auto five = std::make_shared<TokenTrie>(std::vector<Tokens>{{3, 3, 3, 3, 3, toy::kEnd}});
  EXPECT_TRUE(search(model, {.automata = {five}}, options).empty());
  SearchOptions greedy = options;
  greedy.beam = greedy.nbest = 1;
  EXPECT_TRUE(search(model, {.automata = {five}}, greedy).empty());
  EXPECT_THROW(search(model, {.must = {{}}}, options), Error);
  EXPECT_THROW(search(model, {.must = {{{{3}, {}}}}}, options), Error);
}

TEST(Constraints, ASentenceHasThoseOfItsOwn) {
  const toy::RandomModel model(5, kVocabularyOf5);
  const auto trie = std::make_shared<TokenTrie>(std::vector<Tokens>{{4, 3, toy::kEnd}, {0, toy::kEnd}});
  const std::vector<SearchSentence> all = {{.source_length = 2},
                                           {.source_length = 2, .constraints = {.automata = {trie}}},
                                           {.source_length = 2, .constraints = {.must = {{{{4, 4}}}}}}};
  for (const int beam : {1, 3}) {
    SearchOptions options{.beam = beam, .nbest = beam};
    options.max_length_extra = 4;
    toy::Scorer together(model, {7, 8, 9}, {2, 2, 2}, kVocabularyOf5);
    const auto found = run_search(together, std::span<const SearchSentence>(all), options);
    for (int s = 0; s < 3; ++s) {
      toy::Scorer scorer(model, {7 + s}, {2}, kVocabularyOf5);
      const auto alone = run_search(scorer, std::span(all).subspan(s, 1), options);
      ASSERT_EQ(found[s].size(), alone[0].size());
      for (std::size_t i = 0; i < found[s].size(); ++i) {
        EXPECT_EQ(found[s][i].tokens, alone[0][i].tokens);
        EXPECT_EQ(found[s][i].score, alone[0][i].score);
      }
    }
  }
}

TEST(TokenTrie, HoldsItsTargetsAndNothingElse) {
  const TokenTrie trie({{5, 6, 2}, {5, 2}, {7, 2}, {5, 2}, {5, 6, 8, 2}});
  EXPECT_THAT(trie.only(0), ElementsAre(5, 7));
  const int five = trie.next(0, 5);
  EXPECT_THAT(trie.only(five), ElementsAre(2, 6));
  EXPECT_THAT(trie.only(trie.next(five, 6)), ElementsAre(2, 8));
  EXPECT_THAT(trie.only(trie.next(trie.next(0, 7), 2)), ElementsAre());
  EXPECT_EQ(trie.next(0, 6), TokenAutomaton::kDead);
  EXPECT_THROW(TokenTrie({}), UsageError);
}

TEST(TokenTrie, OfAHundredThousandTargetsIsSmall) {
  std::uint64_t bits = 1;
  std::vector<Tokens> targets;
  for (int i = 0; i < 100000; ++i) {
    Tokens& target = targets.emplace_back(21, toy::kEnd);
    for (int t = 0; t < 20; ++t) {
      bits = bits * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX
      target[t] = static_cast<int>(3 + (bits >> 33U) % 8000);
    }
  }
  const TokenTrie trie(targets);
  EXPECT_LT(trie.bytes(), std::size_t{20} << 20U);
  int state = 0;
  for (const int token : targets[4711]) state = trie.next(state, token);
  EXPECT_NE(state, TokenAutomaton::kDead);
}

}  // namespace
}  // namespace heed
