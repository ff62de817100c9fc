#include "../token_rules.h"

#include <gmock/gmock.h>

#include <limits>

namespace heed {
namespace {

constexpr double kForbidden = std::numeric_limits<double>::infinity();
constexpr float kNever = -std::numeric_limits<float>::infinity();

std::vector<std::pair<int, double>> lowered(const SearchRules& rules, const std::vector<int>& tokens,
                                            bool may_end = true) {
  SearchOptions options;
  options.rules = rules;
  std::vector<std::pair<int, double>> out;
  for (const LoweredToken& one : TokenRules(options).lowered(tokens, may_end)) out.emplace_back(one.token, one.factor);
  return out;
}

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(TokenRules, WithoutRulesNothingIsLowered) {
  EXPECT_THAT(lowered({}, {3, 4, 3}), IsEmpty());
  EXPECT_THAT(lowered({}, {3, 4, 3}, false), ElementsAre(Pair(2, kForbidden))) << "EOS";
}

TEST(TokenRules, WhatWouldRepeatAnNgramIsForbidden) {
  EXPECT_THAT(lowered({.no_repeat_ngram = 1}, {5, 7}), ElementsAre(Pair(5, kForbidden), Pair(7, kForbidden)));
  EXPECT_THAT(lowered({.no_repeat_ngram = 2}, {5, 7, 5}), ElementsAre(Pair(7, kForbidden)));
  EXPECT_THAT(lowered({.no_repeat_ngram = 2}, {5, 5}), ElementsAre(Pair(5, kForbidden)));
  EXPECT_THAT(lowered({.no_repeat_ngram = 3}, {5, 7, 8, 5, 7}), ElementsAre(Pair(8, kForbidden)));
  EXPECT_THAT(lowered({.no_repeat_ngram = 3}, {5, 7, 8, 7, 5}), IsEmpty());
  EXPECT_THAT(lowered({.no_repeat_ngram = 3}, {5}), IsEmpty()) << "shorter than what an n-gram begins with";
  EXPECT_THAT(lowered({.no_repeat_ngram = 3}, {}), IsEmpty());
}

TEST(TokenRules, OfTwoRulesForATokenTheStricterHolds) {
  EXPECT_THAT(lowered({.forbidden = {5}, .repetition_penalty = 1.5}, {5, 7, 7}),
              ElementsAre(Pair(5, kForbidden), Pair(7, 1.5)));
}

TEST(TokenRules, LoweredContinuationsAreInOrderAgain) {
  std::vector<Continuation> row = {{4, -1.0F}, {9, -1.5F}, {3, -1.5F}, {6, -3.0F}};
  const std::vector<LoweredToken> all = {{3, 1.0}, {4, 2.0}, {9, kForbidden}};
  lower(all, row);
  std::vector<std::pair<int, float>> found;
  for (const Continuation& one : row) found.emplace_back(one.token, one.log_probability);
  EXPECT_THAT(found, ElementsAre(Pair(3, -1.5F), Pair(4, -2.0F), Pair(6, -3.0F), Pair(9, kNever)));
}

}  // namespace
}  // namespace heed
