#include "heed/metrics/chrf.h"

#include <gmock/gmock.h>

#include "heed/base/error.h"
#include "heed/base/version.h"

namespace heed {
namespace {

using Lines = std::vector<std::string>;

const Lines kRisk = {
    " risk assessment must be made of those who are qualified and expertise in the sector - these are the scientists "
    "."};
const std::vector<Lines> kRiskReference = {
    {"risk assessment has to be undertaken by those who are qualified and expert in that area - that is the "
     "scientists ."}};
const Lines kObama = {" Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. "};
const std::vector<Lines> kObamaReference = {
    {"Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich."}};

ChrfOptions with_beta_3(bool epsilon_smoothing) {
  ChrfOptions options;
  options.beta = 3;
  options.epsilon_smoothing = epsilon_smoothing;
  return options;
}

// The figures of sacreBLEU's test/test_chrf.py.
TEST(Chrf, EqualsSacrebleuWithEpsilonSmoothing) {
  const auto score = [](const Lines& hypotheses, const Lines& references) {
    return chrf(hypotheses, {references}, with_beta_3(true)).score;
  };
  EXPECT_NEAR(score({"abcdefg"}, {"hijklmnop"}), 0, 1e-4);
  EXPECT_NEAR(score({""}, {"reference"}), 0, 1e-4);
  EXPECT_NEAR(score({"aa"}, {"ab"}), 8.3333, 1e-4);
  EXPECT_NEAR(score({"a", "b"}, {"a", "c"}), 8.3333, 1e-4);
  EXPECT_NEAR(score({"a"}, {"a"}), 16.6667, 1e-4);
  EXPECT_NEAR(score({"a b c"}, {"abc"}), 50, 1e-4);
  EXPECT_NEAR(score(kRisk, kRiskReference[0]), 63.361730, 1e-4);
  EXPECT_NEAR(score(kObama, kObamaReference[0]), 64.1302698, 1e-4);
  const Lines wall = {"Niemand hat die Absicht, eine Mauer zu errichten"};
  EXPECT_NEAR(score(wall, wall), 100, 1e-4);
}

TEST(Chrf, EqualsSacrebleuWithEffectiveOrder) {
  const auto score = [](const Lines& hypotheses, const Lines& references) {
    return chrf(hypotheses, {references}, with_beta_3(false)).score;
  };
  EXPECT_NEAR(score({"a"}, {"a"}), 100, 1e-4);
  EXPECT_NEAR(score({""}, {"reference"}), 0, 1e-4);
  EXPECT_NEAR(score({"a b c"}, {"a b c"}), 100, 1e-4);
  EXPECT_NEAR(score({"a b c"}, {"abc"}), 100, 1e-4);
  EXPECT_NEAR(score({"a", "b"}, {"a", "c"}), 50, 1e-4);
  EXPECT_NEAR(score({"aa"}, {"ab"}), 25, 1e-4);
}

TEST(Chrf, EqualsSacrebleuWithWhitespace) {
  ChrfOptions options = with_beta_3(false);
  options.whitespace = true;
  const Lines risk = {kRisk[0].substr(1)};
  EXPECT_NEAR(chrf(risk, kRiskReference, options).score, 65.2414427, 1e-4);
  const Lines obama = {"Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich."};
  EXPECT_NEAR(chrf(obama, kObamaReference, options).score, 67.3481606, 1e-4);
}

TEST(Chrf, EqualsSacrebleuOnSentencesOfItsTests) {
  ChrfOptions options;
  options.epsilon_smoothing = true;
  EXPECT_NEAR(chrf({"Co nás nejvíc trápí, protože lékaři si vybírají, kdo bude žít a kdo zemře."},
                   {{"Nejvíce smutní jsme z toho, že musíme rozhodovat o tom, kdo bude žít a kdo zemře."}}, options)
                  .score,
              39.14078509, 1e-4);
  EXPECT_NEAR(
      chrf({"Lapali po dechu, jejich životy skončily dřív, než skutečně začaly."},
           {{"Lapali po dechu a pak jejich život skončil - dřív, než skutečně mohl začít, připomněli."}}, options)
          .score,
      57.15704367, 1e-4);
}

TEST(Chrf, EqualsSacrebleuOnTwoReferences) {
  // README of sacreBLEU: chrF2 = 59.73
  const ChrfScore score = chrf({"The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."},
                               {{"The dog bit the man.", "It was not unexpected.", "The man bit him first."},
                                {"The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."}});
  EXPECT_NEAR(score.score, 59.73, 5e-3);
  EXPECT_EQ(score.signature,
            std::string("chrF2|nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no|version:heed-") + kVersion);
}

TEST(Chrf, EqualsTheExampleOfHuggingFaceEvaluate) {
  EXPECT_NEAR(chrf({"The relationship between cats and dogs is not exactly friendly.",
                    "a good bookshop is just a genteel black hole that knows how to read."},
                   {{"The relationship between dogs and cats is not exactly friendly.",
                     "A good bookshop is just a genteel Black Hole that knows how to read."}})
                  .score,
              84.64214891738334, 1e-10);
}

TEST(Chrf, CharactersAreCodePointsByHand) {
  ChrfOptions options;
  options.char_order = 1;
  // "äö" and "äü": one of two characters; were they bytes, three of four would be equal.
  EXPECT_NEAR(chrf({"äö"}, {{"äü"}}, options).score, 50, 1e-9);
}

TEST(Chrf, RecallCountsFourTimesByHand) {
  ChrfOptions options;
  options.char_order = 1;
  // "ab" to "abcd": P = 1, R = 1/2: 5 * 1 * 0.5 / (4 * 1 + 0.5)
  EXPECT_NEAR(chrf({"ab"}, {{"abcd"}}, options).score, 100 * 2.5 / 4.5, 1e-9);
  EXPECT_NEAR(chrf({"abcd"}, {{"ab"}}, options).score, 100 * 2.5 / (4 * 0.5 + 1), 1e-9);
}

TEST(Chrf, OrdersThatTheReferenceLacksAreNotHeldAgainstTheHypothesisByHand) {
  ChrfOptions options;
  options.char_order = 2;
  // Characters: 1 + 2 of 3 + 2, pairs: 1 of 1, for the pairs of "abc" are left out as "a" has none.
  // P = (3/5 + 1) / 2 = 0.8, R = 1: 5 * 0.8 / (4 * 0.8 + 1)
  EXPECT_NEAR(chrf({"abc", "ab"}, {{"a", "ab"}}, options).score, 100 * 4 / 4.2, 1e-9);
}

TEST(Chrf, LowercaseAndErrors) {
  ChrfOptions options;
  EXPECT_EQ(chrf({"ÄB"}, {{"äb"}}, options).score, 0);
  options.lowercase = true;
  EXPECT_NEAR(chrf({"ÄB"}, {{"äb"}}, options).score, 100, 1e-9);
  EXPECT_THROW(chrf({"a", "b"}, {{"a"}}), Error);
  options.char_order = 0;
  EXPECT_THROW(chrf({"a"}, {{"a"}}, options), UsageError);
}

}  // namespace
}  // namespace heed
