// Targets under constraints: a beam that holds everything is compared with the enumeration of all targets.
#include "heed/search/constraints.h"

#include <gmock/gmock.h>

#include <set>

#include "heed/base/error.h"
#include "toy_scorer.h"

namespace heed {
namespace {

using testing::ElementsAre;
using toy::Tokens;

/// All targets of at most `limit` tokens, each with its log-probability.
std::map<Tokens, double> enumerate(const toy::Model& model, int vocabulary, int limit) {
  std::map<Tokens, double> complete;
  std::map<Tokens, double> open = {{{}, 0}};
  for (int length = 1; length <= limit; ++length) {
    std::map<Tokens, double> longer;
    for (const auto& [tokens, before] : open) {
      const auto scores = model.next(0, tokens);
      for (int token = 0; token < vocabulary; ++token) {
        Tokens next = tokens;
        next.push_back(token);
        const double log_probability = before + static_cast<double>(scores[token]);
        (token == toy::kEnd || length == limit ? complete : longer)[next] = log_probability;
      }
    }
    open = std::move(longer);
  }
  return complete;
}

bool occurs(const Tokens& phrase, const Tokens& tokens, const std::set<int>& continuing) {
  for (auto from = tokens.begin();; ++from) {
    from = std::search(from, tokens.end(), phrase.begin(), phrase.end());
    if (from == tokens.end()) return false;
    const auto behind = from + static_cast<std::ptrdiff_t>(phrase.size());
    if (behind == tokens.end() || continuing.count(*behind) == 0) return true;
  }
}

struct Found {
  Tokens tokens;
  double score;
};

/// The best by log-probability / length of those that `keeps` takes.
template <typename Keeps>
std::vector<Found> best_of(const std::map<Tokens, double>& all, const Keeps& keeps) {
  std::vector<Found> out;
  for (const auto& [tokens, log_probability] : all) {
    if (keeps(tokens)) out.push_back({tokens, log_probability / static_cast<double>(tokens.size())});
  }
  std::ranges::stable_sort(out, std::ranges::greater(), &Found::score);
  return out;
}

constexpr int kVocabularyOf5 = 5;
constexpr int kLimit = 4;

SearchOptions whole_beam() {
  SearchOptions options{.beam = 400, .nbest = 5, .keep_attention = true};
  options.max_length_factor = 1;
  options.max_length_extra = kLimit - 1;
  return options;
}

std::vector<Hypothesis> search(const toy::Model& model, Constraints constraints,
                               const SearchOptions& options = whole_beam()) {
  toy::Scorer scorer(model, {0}, {1}, kVocabularyOf5);
  const SearchSentence sentence{.source_length = 1, .constraints = std::move(constraints)};
  return run_search(scorer, std::span(&sentence, 1), options).front();
}

void expect_found(const std::vector<Hypothesis>& found, const std::vector<Found>& expected, unsigned seed) {
  ASSERT_EQ(found.size(), std::min<std::size_t>(5, expected.size())) << "seed " << seed;
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].tokens, expected[i].tokens) << "seed " << seed << ", place " << i;
    EXPECT_NEAR(found[i].score, expected[i].score, 1e-6);
    Tokens before;
    for (const AttentionRow& row : found[i].attention) {
      EXPECT_EQ(row.mean, toy::attention_of(0, before, 1)) << "attention is that of the forced target";
      before.push_back(found[i].tokens[before.size()]);
    }
    EXPECT_EQ(before, found[i].tokens);
  }
}

TEST(Constraints, PhrasesThatMustOccurAreExact) {
  const std::vector<std::vector<Phrase>> all = {
      {{{{3}}}},                       // a token
      {{{{3, 3}}}},                    // one that overlaps itself
      {{{{3, 4}}}, {{{4, 0}}}},        // two that can overlap each other
      {{{{0, 3, 0}}}},                 // one whose end is its beginning
      {{{{3}, {4, 4}}}, {{{0}}}},      // one in two ways
      {{{{3, 4, 0}}}, {{{0, 0, 0}}}},  // together longer than a target may be
  };
  for (const auto& must : all) {
    for (const std::set<int>& continuing : {std::set<int>{}, std::set<int>{4}}) {
      auto table = std::make_shared<std::vector<bool>>(kVocabularyOf5);
      for (const int token : continuing) (*table)[token] = true;
      for (unsigned seed = 0; seed < 20; ++seed) {
        const toy::RandomModel model(seed, kVocabularyOf5);
        const auto expected = best_of(enumerate(model, kVocabularyOf5, kLimit), [&](const Tokens& tokens) {
          return std::ranges::all_of(must, [&](const Phrase& phrase) {
            return std::ranges::any_of(phrase.ways, [&](const Tokens& way) { return occurs(way, tokens, continuing); });
          });
        });
        expect_found(search(model, {.must = must, .continuing = table}), expected, seed);
      }
    }
  }
}

TEST(Constraints, APhraseDoesNotBeginBehindWhatJoins) {
  auto joining = std::make_shared<std::vector<bool>>(kVocabularyOf5);
  (*joining)[4] = true;
  for (unsigned seed = 0; seed < 20; ++seed) {
    const toy::RandomModel model(seed, kVocabularyOf5);
    const auto expected = best_of(enumerate(model, kVocabularyOf5, kLimit), [&](const Tokens& tokens) {
      for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        if (tokens[i] == 3 && tokens[i + 1] == 0 && (i == 0 || tokens[i - 1] != 4)) return true;
      }
      return false;
    });
    expect_found(search(model, {.must = {{{{3, 0}}}}, .joining = joining}), expected, seed);
  }
}

// Each of three tokens, and a beam with less room than there are banks.
TEST(Constraints, PhrasesOccurInASmallBeamToo) {
  for (const int beam : {1, 2, 5}) {
    for (unsigned seed = 0; seed < 20; ++seed) {
      const toy::RandomModel model(seed, kVocabularyOf5, 4);
      SearchOptions options{.beam = beam, .nbest = beam, .ranking = {.patience = 1}};
      options.max_length_extra = 10;
      const auto found = search(model, {.must = {{{{3, 4, 3}}}, {{{0, 0, 4}}}}}, options);
      ASSERT_FALSE(found.empty());
      for (const Hypothesis& one : found) {
        EXPECT_TRUE(occurs({3, 4, 3}, one.tokens, {})) << "beam " << beam << ", seed " << seed;
        EXPECT_TRUE(occurs({0, 0, 4}, one.tokens, {}));
      }
    }
  }
}

TEST(Constraints, ClosedSetIsExact) {
  const std::vector<Tokens> allowed = {{3, toy::kEnd}, {3, 4, toy::kEnd}, {4, 4, 4, toy::kEnd}, {toy::kEnd}};
  for (unsigned seed = 0; seed < 20; ++seed) {
    const toy::RandomModel model(seed, kVocabularyOf5);
    const auto expected = best_of(enumerate(model, kVocabularyOf5, kLimit), [&](const Tokens& tokens) {
      return tokens.back() == toy::kEnd && std::ranges::count(allowed, tokens) > 0;
    });
    ASSERT_EQ(expected.size(), 4u);
    const Constraints constraints{.automata = {std::make_shared<TokenTrie>(allowed)}};
    expect_found(search(model, constraints), expected, seed);
    SearchOptions greedy;
    greedy.max_length_extra = kLimit;
    EXPECT_EQ(std::ranges::count(allowed, search(model, constraints, greedy).at(0).tokens), 1);
    SearchOptions samples{.nbest = 20, .sampling = Sampling{}};
    for (const Hypothesis& one : search(model, constraints, samples)) {
      EXPECT_EQ(std::ranges::count(allowed, one.tokens), 1);
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

TEST(Constraints, AnAutomatonThatListsNothingIsExact) {
  const auto falls = [](const Tokens& tokens) {
    const auto end = tokens.back() == toy::kEnd ? tokens.end() - 1 : tokens.end();
    return std::is_sorted(tokens.begin(), end, std::greater<>());
  };
  for (unsigned seed = 0; seed < 20; ++seed) {
    const toy::RandomModel model(seed, kVocabularyOf5);
    const auto all = enumerate(model, kVocabularyOf5, kLimit);
    const auto falling = std::make_shared<Falling>();
    expect_found(search(model, {.automata = {falling}}), best_of(all, falls), seed);
    const auto with_phrase = best_of(all, [&](const Tokens& t) { return falls(t) && occurs({3, 0}, t, {}); });
    expect_found(search(model, {.automata = {falling}, .must = {{{{3, 0}}}}}), with_phrase, seed);
    SearchOptions small{.beam = 2, .nbest = 2};
    small.max_length_extra = kLimit;
    for (const Hypothesis& one : search(model, {.automata = {falling}}, small)) EXPECT_TRUE(falls(one.tokens));
  }
}

TEST(Constraints, WhatCannotBeMetHasNoHypothesis) {
  const toy::RandomModel model(1, kVocabularyOf5);
  EXPECT_TRUE(search(model, {.must = {{{{3, 3, 3, 3, 3}}}}}).empty()) << "longer than the limit";
  const auto five = std::make_shared<TokenTrie>(std::vector<Tokens>{{3, 3, 3, 3, 3, toy::kEnd}});
  EXPECT_TRUE(search(model, {.automata = {five}}).empty());
  SearchOptions greedy = whole_beam();
  greedy.beam = greedy.nbest = 1;
  EXPECT_TRUE(search(model, {.automata = {five}}, greedy).empty());
  EXPECT_THROW(search(model, {.must = {{}}}), Error);
  EXPECT_THROW(search(model, {.must = {{{{3}, {}}}}}), Error);
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
  std::mt19937 bits(1);
  std::vector<Tokens> targets;
  for (int i = 0; i < 100000; ++i) {
    Tokens& target = targets.emplace_back();
    for (int t = 0; t < 20; ++t) target.push_back(static_cast<int>(3 + bits() % 8000));
    target.push_back(toy::kEnd);
  }
  const TokenTrie trie(targets);
  EXPECT_LT(trie.bytes(), std::size_t{20} << 20U);
  int state = 0;
  for (const int token : targets[4711]) state = trie.next(state, token);
  EXPECT_NE(state, TokenAutomaton::kDead);
}

}  // namespace
}  // namespace heed
