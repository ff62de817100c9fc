#include "heed/metrics/bleu.h"

#include <gmock/gmock.h>

#include <cmath>
#include <utility>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/base/version.h"
#include "heed/metrics/references.h"

namespace heed {
namespace {

using testing::HasSubstr;
using Lines = std::vector<std::string>;

// The example of sacreBLEU's README and unit tests (test/test_bleu.py).
const Lines kHypotheses = {"The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."};
const std::vector<Lines> kReferences = {
    {"The dog bit the man.", "It was not unexpected.", "The man bit him first."},
    {"The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."}};

TEST(Bleu, EqualsSacrebleuOnItsExample) {
  const BleuScore score = bleu(kHypotheses, kReferences);
  EXPECT_NEAR(score.score, 48.530827, 5e-7);
  EXPECT_NEAR(score.precisions[0], 82.4, 0.05);
  EXPECT_NEAR(score.precisions[1], 50.0, 0.05);
  EXPECT_NEAR(score.precisions[2], 45.5, 0.05);
  EXPECT_NEAR(score.precisions[3], 37.5, 0.05);
  EXPECT_NEAR(score.brevity_penalty, 0.943, 5e-4);
  EXPECT_EQ(score.hypothesis_length, 17);
  EXPECT_EQ(score.reference_length, 18);
  EXPECT_EQ(score.signature, std::string("BLEU|nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:heed-") + kVersion);
}

TEST(Bleu, EqualsSacrebleuWithoutTokenisationAndSmoothing) {
  const BleuScore none = bleu(kHypotheses, kReferences, {.tokenize = "none"});
  EXPECT_NEAR(none.score, 49.1919566, 5e-8);
  EXPECT_THAT(none.signature, HasSubstr("|tok:none|"));
  const BleuScore unsmoothed = bleu(kHypotheses, kReferences, {.smooth = "none"});
  EXPECT_NEAR(unsmoothed.score, 48.530827, 5e-7);
  EXPECT_THAT(unsmoothed.signature, HasSubstr("|smooth:none|"));
}

TEST(Bleu, LackingReferencesAreLeftOut) {
  auto references = kReferences;
  references[0][0] = kNoReference;  // README, "Variable Number of References"
  const BleuScore score = bleu(kHypotheses, references);
  EXPECT_NEAR(score.score, 29.44, 5e-3);
  EXPECT_NEAR(score.precisions[3], 12.5, 0.05);
  EXPECT_NEAR(score.brevity_penalty, 0.889, 5e-4);
  EXPECT_EQ(score.reference_length, 19);
  EXPECT_EQ(score.signature,
            std::string("BLEU|nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:heed-") + kVersion);
}

TEST(Bleu, EmptyHypothesesScoreNothing) {
  const BleuScore score = bleu({"", "", ""}, kReferences);
  EXPECT_EQ(score.score, 0);
  EXPECT_EQ(score.brevity_penalty, 0);
  EXPECT_EQ(score.reference_length, 17);  // the shortest of each: 6 + 5 + 6 tokens
}

// sacreBLEU's test/test_sentence_bleu.py, issue 98: no four words in common, which smoothing must bridge.
TEST(Bleu, EqualsSacrebleuWhereAnOrderHasNoMatch) {
  const Lines hypothesis = {"Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;"};
  const std::vector<Lines> reference = {{"producţia de zahăr brut se exprimă în zahăr alb;"}};
  EXPECT_NEAR(bleu(hypothesis, reference).score, 8.493, 1e-3);
  EXPECT_NEAR(bleu(hypothesis, reference, {.tokenize = "none"}).score, 7.347, 1e-3);
  EXPECT_EQ(bleu(hypothesis, reference, {.smooth = "none"}).score, 0);
}

TEST(Bleu, EffectiveOrdersOfShortSentencesByHand) {
  const BleuOptions sentence{.effective_order = true};
  EXPECT_EQ(bleu({"a b c"}, {{"a b c"}}).score, 0);
  EXPECT_NEAR(bleu({"a b c"}, {{"a b c"}}, sentence).score, 100, 1e-9);
  EXPECT_NEAR(bleu({"a b"}, {{"a b c"}}, sentence).score, 100 * std::exp(1 - 3 / 2.), 1e-9);
  EXPECT_NEAR(bleu({"a x c"}, {{"a b c"}}, sentence).score, 100 * std::cbrt(2 / 3. * 0.5 / 2 * 0.25 / 1), 1e-9);
  EXPECT_EQ(bleu({""}, {{"a b c"}}, sentence).score, 0);
  EXPECT_THAT(bleu({"a"}, {{"a"}}, sentence).signature, HasSubstr("|eff:yes|"));
  EXPECT_EQ(bleu(kHypotheses, kReferences, sentence).score, bleu(kHypotheses, kReferences).score);
}

TEST(Bleu, NoWordInCommonIsZeroInSpiteOfSmoothing) {
  EXPECT_EQ(bleu({"this is a cat"}, {{"okay thanks"}}).score, 0);  // issue 141
}

TEST(Bleu, SmoothingByHand) {
  // "this is a fest" to "this is a test": 3/4 words, 2/3 pairs, 1/2 triples, 0/1 fours -> 1/2.
  const BleuScore score = bleu({"this is a fest"}, {{"this is a test"}});
  EXPECT_NEAR(score.score, 100 * std::pow(0.75 * (2 / 3.) * 0.5 * 0.5, 0.25), 1e-9);
  EXPECT_DOUBLE_EQ(score.precisions[3], 50);
  // "a b x c y" to "a b c": 3/5, 1/4, then 0/3 -> 1/2 of 1/3 and 0/2 -> 1/4 of 1/2; longer than the reference.
  const BleuScore twice = bleu({"a b x c y"}, {{"a b c"}});
  EXPECT_NEAR(twice.score, 100 * std::pow(3 / 5. * (1 / 4.) * (1 / 6.) * (1 / 8.), 0.25), 1e-9);
  EXPECT_EQ(twice.brevity_penalty, 1);
}

TEST(Bleu, ShortCorpusHasNoEffectiveOrder) {
  EXPECT_EQ(bleu({"a test"}, {{"a test"}}).score, 0);  // no three words anywhere
  EXPECT_NEAR(bleu({"this is a test"}, {{"this is a test"}}).score, 100, 1e-9);
}

TEST(Bleu, CountsAreClippedByTheBestReference) {
  // Papineni et al. 2002, section 2.1.1: "the" seven times; the first reference has it twice: 2/7.
  const BleuScore score =
      bleu({"the the the the the the the"}, {{"the cat is on the mat"}, {"there is a cat on the mat"}});
  EXPECT_NEAR(score.precisions[0], 100 * 2 / 7., 1e-9);
  EXPECT_EQ(score.reference_length, 7);
}

TEST(Bleu, ClosestReferenceLengthAndTheShorterOfTwoEquallyClose) {
  EXPECT_EQ(bleu({"a b c d"}, {{"a b c d e f"}, {"a b c d e"}}).reference_length, 5);
  EXPECT_EQ(bleu({"a b c d"}, {{"a b c d e"}, {"a b c"}}).reference_length, 3);
  EXPECT_EQ(bleu({"a b c d"}, {{"a b c"}, {"a b c d e"}}).reference_length, 3);
}

TEST(Bleu, LowercaseIsThatOfUnicode) {
  const Lines hypothesis = {"ÄPFEL UND BIRNEN SIND OBST"};
  const std::vector<Lines> reference = {{"Äpfel und Birnen sind Obst"}};
  EXPECT_EQ(bleu(hypothesis, reference).score, 0);
  const BleuScore lower = bleu(hypothesis, reference, {.lowercase = true});
  EXPECT_NEAR(lower.score, 100, 1e-9);
  EXPECT_THAT(lower.signature, HasSubstr("|case:lc|"));
}

TEST(Bleu, WrongOptionsSuggestTheRightOnes) {
  EXPECT_THAT(error_of<UsageError>([] { bleu(kHypotheses, kReferences, {.tokenize = "31a"}); }),
              HasSubstr("unknown tokenize '31a'; known are 13a, none, char, intl, zh; did you mean '13a'?"));
  EXPECT_THROW(bleu(kHypotheses, kReferences, {.smooth = "flour"}), UsageError);
}

std::string bleu_error(const Lines& hypotheses, const std::vector<Lines>& references) {
  return error_of([&] { bleu(hypotheses, references); });
}

TEST(Bleu, CorporaThatDoNotFitAreErrors) {
  EXPECT_EQ(bleu_error({"a", "b"}, {{"a"}}), "2 lines of hypotheses but 1 line of references");
  EXPECT_EQ(bleu_error({"a"}, {{"a"}, {"a", "b"}}), "1 line of hypotheses but 2 lines of references 2");
  EXPECT_EQ(bleu_error({"a"}, {}), "there are no references to compare with");
  EXPECT_EQ(bleu_error({}, {{}}), "there are no hypotheses to evaluate");
  EXPECT_EQ(bleu_error({"a", "b\xff"}, {{"a", "b"}}), "hypotheses, line 2: byte 2 is not UTF-8");
  EXPECT_EQ(bleu_error({"a"}, {{"\xc3"}}), "references, line 1: byte 1 is not UTF-8");
}

using Tokenised = std::pair<std::string, std::string>;  // line, tokens
class Tokenizer13a : public testing::TestWithParam<Tokenised> {};

TEST_P(Tokenizer13a, CutsAsMtevalDoes) { EXPECT_EQ(tokenize_13a(GetParam().first), GetParam().second); }

INSTANTIATE_TEST_SUITE_P(
    Lines, Tokenizer13a,
    testing::Values(Tokenised{"", ""}, Tokenised{" \t ", ""}, Tokenised{"Hello, world!", "Hello , world !"},
                    Tokenised{"It costs $5,000.50, doesn't it?", "It costs $ 5,000.50 , doesn't it ?"},
                    Tokenised{"well-known 1990-2000", "well-known 1990 - 2000"},
                    Tokenised{"&quot;a&quot; &lt;b&gt; &amp; c", "\" a \" < b > & c"},
                    Tokenised{"<skipped>kept", "kept"}, Tokenised{"hyphen-\nated\nlines", "hyphenated lines"},
                    Tokenised{"a..b", "a . . b"}, Tokenised{"3. Mai, .5 und 1,2.", "3 . Mai , . 5 und 1,2 ."},
                    Tokenised{"(a/b)[c]{d}", "( a / b ) [ c ] { d }"},
                    Tokenised{"l'été. „Ja“", "l'été . „Ja“"},  // quotation marks beyond ASCII stay
                    Tokenised{"ein\u00a0Wort\u3000zwei", "ein Wort zwei"}));

}  // namespace
}  // namespace heed
