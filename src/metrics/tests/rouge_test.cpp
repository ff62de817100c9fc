#include "heed/metrics/rouge.h"

#include <gmock/gmock.h>

#include "heed/base/error.h"
#include "heed/base/version.h"

namespace heed {
namespace {

// Texts and figures of ROUGE-1.5.5, as rouge_score's tests (google-research, rouge/testdata) have them. ROUGE-2 of the
// first pair: 0.39024, of the second: 0.36364.
const std::string kPrediction1 = "rFDJCRtion Ht-LM EKtDXkME,yz'RBr q'wer wrojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxi";
const std::string kTarget1 =
    "ZfbCUIUuePaiLVUlCaUXxkpu XPeWing tUHfPMuZ',-Xd Y BrUgVJing M-HV.-DgdDaY.rFDJCRing Ht-LM EKBDXkME,yz'RBr q'wtion "
    "wIojNbN wL,b .a-'XdQggyFl jB-RPP'iyOIcUxer tKM L";
const std::string kPrediction2 =
    "nn cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMer pstion sbKao Q m qier LMmed HqqLFXe,XPY,J XsurkMeo ,ed "
    "nB'wH'bWVHjWFEer tQ.saefZwJtKrTlixYpMMNJtion UCAPwNHeYVjD";
const std::string kTarget2 =
    "KsJdPByEtAor fE-Qg Dpdbring cw-WeFyu vC MoBL Xdn g wkvcEiGvKtion BDFhrpMtion psing sbKao Q m qiing LMmer "
    "HqqLFXe,XPY,J XsurkMer ,ed nB'wH'bWVHjWFEing tQ.saefZwJtKrTlixYpMMsJing UCAPwNHeYVjDing c T BUySKtion "
    "gMPfJpwGw p'NvxAoping eu pBwMBKV'I DNxqelhu,PHPxDEq,mtion SN";

TEST(Rouge, EqualsRouge155) {
  const RougeScore first = rouge({kPrediction1}, {{kTarget1}});
  EXPECT_NEAR(first.rouge_1, 51.163, 1e-3);
  EXPECT_NEAR(first.rouge_2, 39.024, 1e-3);
  EXPECT_NEAR(first.rouge_l, 51.163, 1e-3);
  const RougeScore second = rouge({kPrediction2}, {{kTarget2}});
  EXPECT_NEAR(second.rouge_1, 50.000, 1e-3);
  EXPECT_NEAR(second.rouge_2, 36.364, 1e-3);
  EXPECT_NEAR(second.rouge_l, 50.000, 1e-3);
}

TEST(Rouge, IsTheMeanOverSentences) {
  const RougeScore both = rouge({kPrediction1, kPrediction2}, {{kTarget1, kTarget2}});
  EXPECT_NEAR(both.rouge_1, (51.163 + 50.000) / 2, 1e-3);
  EXPECT_NEAR(both.rouge_2, (39.024 + 36.364) / 2, 1e-3);
  EXPECT_NEAR(both.rouge_l, (51.163 + 50.000) / 2, 1e-3);
  EXPECT_EQ(both.signature, std::string("ROUGE|nrefs:1|case:lc|stem:no|tok:letters|version:heed-") + kVersion);
}

// rouge_scorer_test.py
TEST(Rouge, EqualsRougeScoreOnItsSmallTests) {
  EXPECT_NEAR(rouge({"testing"}, {{"testing one two"}}).rouge_1, 50, 1e-9);
  EXPECT_NEAR(rouge({"testing one"}, {{"testing one two"}}).rouge_1, 80, 1e-9);
  EXPECT_NEAR(rouge({"testing one"}, {{"testing one two"}}).rouge_2, 200 / 3., 1e-9);
  EXPECT_NEAR(rouge({"testing one"}, {{"testing one two"}}).rouge_l, 80, 1e-9);
  EXPECT_NEAR(rouge({"testing two"}, {{"testing one two"}}).rouge_l, 80, 1e-9);  // with a gap
  for (const char* empty : {"", "/"}) {
    const RougeScore score = rouge({empty}, {{"w1 w2 w3 w4 w5"}});
    EXPECT_EQ(score.rouge_1 + score.rouge_2 + score.rouge_l, 0);
  }
}

TEST(Rouge, OrderCountsOnlyForSubsequencesByHand) {
  // Lin 2004, section 3.1: S1 police killed the gunman, S2 police kill the gunman, S3 the gunman kill police: ROUGE-L
  // 3/4 and 2/4, though both have ROUGE-2 of 1/3.
  const std::vector<std::vector<std::string>> reference = {{"police killed the gunman"}};
  EXPECT_NEAR(rouge({"police kill the gunman"}, reference).rouge_l, 75, 1e-9);
  EXPECT_NEAR(rouge({"the gunman kill police"}, reference).rouge_l, 50, 1e-9);
  EXPECT_NEAR(rouge({"police kill the gunman"}, reference).rouge_2, 100 / 3., 1e-9);
  EXPECT_NEAR(rouge({"the gunman kill police"}, reference).rouge_2, 100 / 3., 1e-9);
}

TEST(Rouge, LettersOfAllScriptsMakeWords) {
  EXPECT_NEAR(rouge({"ÄPFEL, und: Žluťoučký kůň!"}, {{"äpfel und žluťoučký kůň"}}).rouge_2, 100, 1e-9);
  EXPECT_NEAR(rouge({"1999!"}, {{"1999 2000"}}).rouge_1, 200 / 3., 1e-9);  // digits too
  EXPECT_EQ(rouge({"мир"}, {{"война"}}).rouge_1, 0);
  EXPECT_NEAR(rouge({"foo-bar_baz"}, {{"foo bar baz"}}).rouge_l, 100, 1e-9);
}

// rouge_score 0.1.2, with a tokenizer of its own, and with use_stemmer=True.
TEST(Rouge, RougeScoresTokensAndStems) {
  const RougeOptions ascii{.tokenize = "rouge-score"};
  EXPECT_EQ(rouge({"é"}, {{"é"}}, ascii).rouge_1, 0);
  EXPECT_NEAR(rouge({"été"}, {{"t"}}, ascii).rouge_1, 100, 1e-9);
  EXPECT_NEAR(rouge({"été"}, {{"t"}}).rouge_1, 0, 1e-9);
  const RougeOptions stems{.tokenize = "rouge-score", .stem = true};
  EXPECT_NEAR(rouge({"cats"}, {{"cat"}}, stems).rouge_1, 100, 1e-9);
  EXPECT_NEAR(rouge({"gas"}, {{"ga"}}, stems).rouge_1, 0, 1e-9);  // three letters stay
  EXPECT_NEAR(rouge({"Étés running"}, {{"étés runs"}}, {.stem = true}).rouge_1, 100, 1e-9);
  EXPECT_EQ(rouge({"a"}, {{"a"}}, stems).signature,
            std::string("ROUGE|nrefs:1|case:lc|stem:yes|tok:rouge-score|version:heed-") + kVersion);
  EXPECT_THROW(rouge({"a"}, {{"a"}}, {.tokenize = "rouge"}), UsageError);
}

TEST(Rouge, FormatCharactersAreNoLetters) {
  EXPECT_EQ(rouge({"\u200d"}, {{"\u200d"}}).rouge_1, 0);
  EXPECT_NEAR(rouge({"soft\u00adhyphen"}, {{"soft hyphen"}}).rouge_2, 100, 1e-9);
}

TEST(Rouge, CountsAreClipped) {
  // two of three "a" are in the reference: P = 2/3, R = 1
  EXPECT_NEAR(rouge({"a a a"}, {{"a a"}}).rouge_1, 80, 1e-9);
}

TEST(Rouge, TheBestReferenceCountsForEachFigure) {
  const RougeScore score = rouge({"a b c"}, {{"c b a"}, {"a b x"}});
  EXPECT_NEAR(score.rouge_1, 100, 1e-9);           // first
  EXPECT_NEAR(score.rouge_2, 50, 1e-9);            // second: "a b"
  EXPECT_NEAR(score.rouge_l, 100 * 2 / 3., 1e-9);  // second
  EXPECT_THROW(rouge({"a"}, {}), Error);
}

}  // namespace
}  // namespace heed
