#include "heed/text/spelling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(WordsBySpelling, AreFoundInTheText) {
  EXPECT_THAT(words_by_spelling("the black cat", {"▁the", "▁bl", "ack", "▁cat", "</s>"}), ElementsAre(0, 1, 1, 2, -1));
  EXPECT_THAT(words_by_spelling("The cat.", {"the", "cat", "￭.", "</s>"}), ElementsAre(0, 1, 1, -1));  // lower-cased
  EXPECT_THAT(words_by_spelling("a b", {"a", "▁", "b"}), ElementsAre(0, 1, 1));                        // characters
  EXPECT_THAT(words_by_spelling("hello", {"h", "e", "l", "l", "o", "</s>"}), ElementsAre(0, 0, 0, 0, 0, -1));
  EXPECT_THAT(words_by_spelling("h e l", {"h", "e", "l", "</s>"}), ElementsAre(0, 1, 2, -1));
  EXPECT_THAT(words_by_spelling("don't go", {"don", "￭'￭", "t", "go"}), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(words_by_spelling("", {}), IsEmpty());
  // What stands between blanks of ASCII is a word, as in Pharaoh files: with no-break spaces inside, or of them alone.
  EXPECT_THAT(words_by_spelling("10\u00a0% \u3000 x\ty", {"10", "%", "x", "y", "</s>"}), ElementsAre(0, 0, 2, 3, -1));
  EXPECT_THAT(words_by_spelling("a\u00a0b c", {"a", "\u00a0", "b", "▁", "c"}),
              ElementsAre(0, 0, 0, 1, 1));  // characters
  EXPECT_THAT(words_by_spelling("ΤΗΣ ΣΟΦΙΑΣ", {"▁τη", "ς", "▁Σ", "οφιας"}), ElementsAre(0, 0, 1, 1));
  // Escapes of the tokenizers.
  EXPECT_THAT(words_by_spelling("a▁ ▁", {"a", "▁▁", "▁", "▁▁"}), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(words_by_spelling("x￭ ￭", {"x", "￭&#65517;", "&#65517;"}), ElementsAre(0, 0, 1));
  EXPECT_THAT(words_by_spelling("<s> a▁", {"&#60;s>", "a▁"}), ElementsAre(0, 1));
  // Nothing joins these two by its mark: they are found where they stand.
  EXPECT_THAT(words_by_spelling("&#60;/s>b c", {"&#38;&#60;/s>", "b", "c"}), ElementsAre(0, 0, 1));
  EXPECT_THAT(words_by_spelling("&#38;&#60;s>b c", {"&#38;&#38;&#60;s>", "b", "c"}), ElementsAre(0, 0, 1));
  EXPECT_THAT(words_by_spelling("&#60;xb c", {"&#60;x", "b", "c"}), ElementsAre(0, 0, 1)) << "no escape";
  EXPECT_THAT(words_by_spelling("\ufdd1\ufdd3b c", {"\ufdd0\ufdd1\ufdd3", "b", "c"}), ElementsAre(0, 0, 1));
  EXPECT_THAT(words_by_spelling("▁ ▅a", {"▁\ufdd1", "▁", "\ufdd2", "a"}), ElementsAre(0, 1, 1, 1));
}

TEST(WordsBySpelling, AreToldByTheMarksWhereTheTextIsAnother) {
  EXPECT_THAT(words_by_spelling("ﬁne day", {"▁f", "ine", "▁day", "</s>"}), ElementsAre(0, 0, 1, -1));  // a ligature
  EXPECT_THAT(words_by_spelling("x", {"<unk>", "￭,", "low@@", "er", "</s>"}), ElementsAre(0, 0, 1, 1, -1));
  EXPECT_THAT(words_by_spelling("the cat sat", {"the", "dog"}), ElementsAre(0, 1));
  EXPECT_THAT(words_by_spelling("a</s>", {"a", "</s>"}), ElementsAre(0, -1));
}

TEST(WordLabel, HasNoMarks) {
  EXPECT_EQ(word_label(std::vector<std::string>{"▁bl", "ack"}), "black");
  EXPECT_EQ(word_label(std::vector<std::string>{"low@@", "er"}), "lower");
  EXPECT_EQ(word_label(std::vector<std::string>{"don", "￭'￭", "t"}), "don't");
  EXPECT_EQ(word_label(std::vector<std::string>{"▁"}), "▁") << "nothing else is left";
}

}  // namespace
}  // namespace heed
