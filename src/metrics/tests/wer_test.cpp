#include "heed/metrics/wer.h"

#include <gmock/gmock.h>

#include "heed/base/error.h"
#include "heed/base/version.h"
#include "heed/metrics/references.h"

namespace heed {
namespace {

TEST(Wer, ByHand) {
  // one substitution (sat, sit), one deletion (the): 2 of 6; the second sentence has an insertion: 3 of 8
  const WerScore score = wer({"the cat sit on mat", "hello big world"}, {{"the cat sat on the mat", "hello world"}});
  EXPECT_EQ(score.errors, 3);
  EXPECT_EQ(score.reference_words, 8);
  EXPECT_NEAR(score.score, 37.5, 1e-9);
  EXPECT_EQ(score.signature, std::string("WER|nrefs:1|case:mixed|tok:none|version:heed-") + kVersion);
}

TEST(Wer, KittenAndSitting) {
  EXPECT_EQ(wer({"k i t t e n"}, {{"s i t t i n g"}}).errors, 3);  // the textbook example, letters as words
  EXPECT_EQ(wer({"s u n d a y"}, {{"s a t u r d a y"}}).errors, 3);
}

TEST(Wer, MayBeMoreThanAll) { EXPECT_NEAR(wer({"a b c"}, {{"x"}}).score, 300, 1e-9); }

TEST(Wer, OrderOfWordsCounts) { EXPECT_EQ(wer({"b a"}, {{"a b"}}).errors, 2); }

TEST(Wer, TheClosestReferenceCounts) {
  const WerScore fewest = wer({"a b c"}, {{"a x y"}, {"a b"}});
  EXPECT_EQ(fewest.errors, 1);
  EXPECT_EQ(fewest.reference_words, 2);
  for (const auto& references : {std::vector<std::vector<std::string>>{{"a b"}, {"a b c d"}}, {{"a b c d"}, {"a b"}}}) {
    const WerScore equal = wer({"a b c"}, references);  // one error each: the longer, whatever the order
    EXPECT_EQ(equal.errors, 1);
    EXPECT_EQ(equal.reference_words, 4);
  }
}

TEST(Wer, CaseAndSpaces) {
  EXPECT_EQ(wer({"Ä  b "}, {{"ä b"}}).errors, 1);
  const WerScore lower = wer({"Ä  b "}, {{"ä b"}}, {.lowercase = true});
  EXPECT_EQ(lower.errors, 0);
  EXPECT_EQ(lower.signature, std::string("WER|nrefs:1|case:lc|tok:none|version:heed-") + kVersion);
}

// As g2p is scored: of two pronunciations the nearer counts, and its phonemes divide.
TEST(Wer, OfPhonemes) {
  // "T AH0 M AA1 T OW0" is one substitution from the second; "K AE1 T" lacks one phoneme: 2 of 6 + 4.
  const WerScore score =
      wer({"T AH0 M AA1 D OW0", "K AE1 T"}, {{"T AH0 M EY1 T OW2", "K AE1 T S"}, {"T AH0 M AA1 T OW0", kNoReference}});
  EXPECT_EQ(score.errors, 2);
  EXPECT_NEAR(score.score, 20, 1e-9);
}

TEST(Cer, ByHand) {
  // "kitten" to "sitting" is 3 of 7; "a  bc" to "ab c" 2 of 4: a blank for b, and b goes.
  const WerScore score = cer({"kitten", "a  bc "}, {{"sitting", " ab c"}});
  EXPECT_EQ(score.errors, 5);
  EXPECT_EQ(score.reference_words, 11);
  EXPECT_EQ(score.signature, std::string("CER|nrefs:1|case:mixed|tok:char|version:heed-") + kVersion);
  EXPECT_EQ(cer({"ÄÖ"}, {{"äö"}}).errors, 2) << "characters, not bytes";
  EXPECT_EQ(cer({"ÄÖ"}, {{"äö"}}, {.lowercase = true}).errors, 0);
  EXPECT_EQ(cer({"abc"}, {{"xyz"}, {"ab"}}).errors, 1) << "the closest reference";
}

// What jiwer 4.0.0 gives: the errors are jiwer.process_words' substitutions, deletions and insertions.
TEST(Wer, WordsStandBetweenSpacesAsInJiwer) {
  const auto errors = [](const char* hypothesis, const char* reference) {
    const WerScore score = wer({hypothesis}, {{reference}});
    return std::pair(score.errors, score.reference_words);
  };
  EXPECT_EQ(errors("a\u00a0b", "a b"), std::pair(2L, 2L));
  EXPECT_EQ(errors("a b", "a\tb"), std::pair(2L, 1L));
  EXPECT_EQ(errors("a b\rc d e", "a b c d e"), std::pair(2L, 5L));
  EXPECT_EQ(errors("a\t\u00a0b \tc", "a b c"), std::pair(0L, 3L)) << "two blanks are a space";
  EXPECT_EQ(errors("\u3000a b\t", "a b"), std::pair(0L, 2L)) << "and none stands at an end";
  EXPECT_EQ(errors(" \t ", "a"), std::pair(1L, 1L));
}

TEST(Wer, TheLastDigitAtTiesIsThatOfDividingFirst) {
  std::string reference;
  std::string hypothesis;
  for (int i = 0; i < 160; ++i) {
    reference += "a ";
    hypothesis += i < 23 ? "b " : "a ";
  }
  EXPECT_EQ(wer({hypothesis}, {{reference}}).score, 14.374999999999998);  // 100 * (23 / 160), printed 14.37
}

TEST(EditDistance, IsTheMeanOfLinesByHand) {
  const EditDistanceScore score = mean_edit_distance({"kitten", "Ä"}, {{"sitting", "ä"}, {"kitty", kNoReference}});
  EXPECT_EQ(score.edits, 3);  // kitten to kitty: 2, and 1
  EXPECT_EQ(score.lines, 2);
  EXPECT_DOUBLE_EQ(score.score, 1.5);
  EXPECT_DOUBLE_EQ(mean_edit_distance({"Ä"}, {{"ä"}}, {.lowercase = true}).score, 0);
  EXPECT_EQ(score.signature, std::string("edit-distance|nrefs:var|case:mixed|tok:char|version:heed-") + kVersion);
}

TEST(Wer, EmptyLines) {
  EXPECT_NEAR(wer({""}, {{"a b"}}).score, 100, 1e-9);
  EXPECT_EQ(wer({""}, {{""}}).score, 0);
  EXPECT_EQ(wer({"a b c"}, {{""}}).score, 100);
  EXPECT_THROW(wer({"a"}, {{"a", "b"}}), Error);
}

}  // namespace
}  // namespace heed
