#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/view/viewed_sentence.h"
#include "viewed.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Words, AreFoundInTheText) {
  EXPECT_THAT(words_of("the black cat", {"▁the", "▁bl", "ack", "▁cat", "</s>"}), ElementsAre(0, 1, 1, 2, -1));
  EXPECT_THAT(words_of("The cat.", {"the", "cat", "￭.", "</s>"}), ElementsAre(0, 1, 1, -1));  // lower-cased
  EXPECT_THAT(words_of("a b", {"a", "▁", "b"}), ElementsAre(0, 1, 1));                        // characters
  EXPECT_THAT(words_of("hello", {"h", "e", "l", "l", "o", "</s>"}), ElementsAre(0, 0, 0, 0, 0, -1));
  EXPECT_THAT(words_of("h e l", {"h", "e", "l", "</s>"}), ElementsAre(0, 1, 2, -1));
  EXPECT_THAT(words_of("don't go", {"don", "￭'￭", "t", "go"}), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(words_of("", {}), IsEmpty());
  // What stands between blanks of ASCII is a word, as in Pharaoh files: with no-break spaces inside, or of them alone.
  EXPECT_THAT(words_of("10\u00a0% \u3000 x\ty", {"10", "%", "x", "y", "</s>"}), ElementsAre(0, 0, 2, 3, -1));
  EXPECT_THAT(words_of("a\u00a0b c", {"a", "\u00a0", "b", "▁", "c"}), ElementsAre(0, 0, 0, 1, 1));  // characters
  EXPECT_THAT(words_of("ΤΗΣ ΣΟΦΙΑΣ", {"▁τη", "ς", "▁Σ", "οφιας"}), ElementsAre(0, 0, 1, 1));
  // Escapes of the tokenizers.
  EXPECT_THAT(words_of("a▁ ▁", {"a", "▁▁", "▁", "▁▁"}), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(words_of("x￭ ￭", {"x", "￭&#65517;", "&#65517;"}), ElementsAre(0, 0, 1));
  EXPECT_THAT(words_of("<s> a▁", {"&#60;s>", "a▁"}), ElementsAre(0, 1));
  // Nothing joins these two by its mark: they are found where they stand.
  EXPECT_THAT(words_of("&#60;/s>b c", {"&#38;&#60;/s>", "b", "c"}), ElementsAre(0, 0, 1));
  EXPECT_THAT(words_of("&#38;&#60;s>b c", {"&#38;&#38;&#60;s>", "b", "c"}), ElementsAre(0, 0, 1));
  EXPECT_THAT(words_of("&#60;xb c", {"&#60;x", "b", "c"}), ElementsAre(0, 0, 1)) << "no escape";
  EXPECT_THAT(words_of("\ufdd1\ufdd3b c", {"\ufdd0\ufdd1\ufdd3", "b", "c"}), ElementsAre(0, 0, 1));
  EXPECT_THAT(words_of("▁ ▅a", {"▁\ufdd1", "▁", "\ufdd2", "a"}), ElementsAre(0, 1, 1, 1));
}

TEST(Words, AreToldByTheMarksWhereTheTextIsAnother) {
  EXPECT_THAT(words_of("ﬁne day", {"▁f", "ine", "▁day", "</s>"}), ElementsAre(0, 0, 1, -1));  // a ligature
  EXPECT_THAT(words_of("x", {"<unk>", "￭,", "low@@", "er", "</s>"}), ElementsAre(0, 0, 1, 1, -1));
  EXPECT_THAT(words_of("the cat sat", {"the", "dog"}), ElementsAre(0, 1));
  EXPECT_THAT(words_of("a</s>", {"a", "</s>"}), ElementsAre(0, -1));
}

TEST(Words, AreThoseOfTheBytesWhereTheyAreKnown) {
  const std::vector<ByteRange> ranges = {{0, 1}, {1, 4}, {4, 5}, {5, 8}, {}};
  EXPECT_THAT(words_of("the cat ", {"<unk>", "<unk>", "▁", "<unk>", "</s>"}, ranges), ElementsAre(0, 0, 1, 1, -1));
  EXPECT_THAT(words_of("a b", {"￭", "a", "</s>", "</s>"}, std::vector<ByteRange>{{}, {0, 1}, {2, 3}, {}}),
              ElementsAre(0, 0, 1, -1));
}

TEST(PictureOf, IsTheFirstTranslationAsItStands) {
  const ViewedSentence sentence = toy::small_sentence();
  const AttentionPicture picture = picture_of(sentence, {});
  EXPECT_EQ(picture.source, sentence.source_tokens);
  EXPECT_EQ(picture.target, sentence.translations[0].tokens);
  EXPECT_EQ(picture.weights, sentence.translations[0].attention);
  EXPECT_EQ(picture.measure, "");
}

TEST(NameOfMean, SaysWhatCountsAsMuchAsWhat) {
  EXPECT_EQ(name_of_mean({}), "");
  EXPECT_EQ(name_of_mean(std::vector{1}), "");
  EXPECT_EQ(name_of_mean(std::vector{2, 2}), "mean of 4 heads");
  EXPECT_EQ(name_of_mean(std::vector{4, 1}), "mean of 2 layers");
}

TEST(PictureOf, MergesWords) {
  ViewedSentence sentence = toy::small_sentence();
  sentence.translations[0].copied = {2, 3};
  sentence.sure = {{1, 2}};
  sentence.possible = {{0, 0}};
  const AttentionPicture picture = picture_of(sentence, {.merging = Merging::kAlways});
  EXPECT_THAT(picture.source, ElementsAre("the", "black", "cat", "</s>"));
  EXPECT_THAT(picture.target, ElementsAre("le", "chat", "noir", "</s>"));
  EXPECT_THAT(picture.weights[0], ElementsAre(0.75f, 0.1875f, 0.0625f, 0));
  EXPECT_THAT(picture.weights[2], ElementsAre(0, 0.875f, 0.125f, 0));  // the mean of rows, the sum of columns
  EXPECT_THAT(picture.copied, ElementsAre(2));
  EXPECT_THAT(picture.sure, ElementsAre(Link{1, 2}));
  EXPECT_THAT(picture.possible, ElementsAre(Link{0, 0}));
}

TEST(PictureOf, MergesOnlyPiecesOfSeveralWords) {
  ViewedSentence sentence = toy::small_sentence();
  const auto merged = [&] { return picture_of(sentence, {.merging = Merging::kPieces}).source.size() < 5; };
  EXPECT_TRUE(merged());
  sentence.source_tokens = {"the", "bl@@", "ack", "cat", "</s>"};
  EXPECT_TRUE(merged());
  // One word: to merge it would leave nothing to see.
  sentence.source = "theblackcat";
  sentence.source_tokens = {"▁the", "bl", "ack", "cat", "</s>"};
  EXPECT_FALSE(merged());
  // Characters, with the space as one of them, are no pieces; nor are punctuation marks beside words.
  sentence.source = "a b";
  sentence.source_tokens = {"a", "▁", "b", "c", "</s>"};
  sentence.translations[0].tokens = {"l", "▁", "c", "n", "</s>"};
  EXPECT_FALSE(merged());
  sentence.source = "a b c.";
  sentence.source_tokens = {"a", "b", "c", "\uffed.", "</s>"};
  EXPECT_FALSE(merged());
}

TEST(PictureOf, GoldLinksOfWordsAreThoseOfTheirTokens) {
  ViewedSentence sentence = toy::small_sentence();
  sentence.sure = {{1, 2}};
  EXPECT_THAT(picture_of(sentence, {}).sure, ElementsAre(Link{1, 2}, Link{2, 2}, Link{1, 3}, Link{2, 3}));
}

ViewedSentence sentence_with_heads() {
  ViewedSentence sentence = toy::small_sentence();
  ViewedTranslation& to = sentence.translations[0];
  for (unsigned layer = 0; layer < 2; ++layer) {
    to.layers.push_back({toy::random_weights(5, 5, 2 * layer), toy::random_weights(5, 5, 2 * layer + 1)});
  }
  return sentence;
}

TEST(PictureOf, ChoosesLayersAndHeadsAndSaysWhatTheyAre) {
  ViewedSentence sentence = sentence_with_heads();
  const auto& layers = sentence.translations[0].layers;
  EXPECT_EQ(picture_of(sentence, {}).measure, "mean of 4 heads");
  const AttentionPicture head = picture_of(sentence, {.layer = 1, .head = 0});
  EXPECT_EQ(head.weights, layers[1][0]);
  EXPECT_EQ(head.measure, "layer 2, head 1");
  sentence.translations[0].layer_names = {"hop 1", "hop 2"};
  const AttentionPicture layer = picture_of(sentence, {.layer = 0});
  EXPECT_EQ(layer.measure, "hop 1, mean of 2 heads");
  EXPECT_FLOAT_EQ(layer.weights[3][1], (layers[0][0][3][1] + layers[0][1][3][1]) / 2);
}

std::string fault_of(const ViewedSentence& sentence, const PictureChoice& choice) {
  return error_of([&] {
    check(sentence);
    picture_of(sentence, choice);
  });
}

TEST(PictureOf, WhatIsNotThereIsAnError) {
  const ViewedSentence plain = toy::small_sentence();
  EXPECT_THAT(fault_of(plain, {.translation = 1}), HasSubstr("no translation 2: there are 1"));
  EXPECT_THAT(fault_of(plain, {.layer = 1}), HasSubstr("no layer 2"));
  EXPECT_THAT(fault_of(plain, {.layer = 0, .head = 1}), HasSubstr("no head 2"));
  EXPECT_EQ(fault_of(plain, {.layer = 0, .head = 0}), "");
  EXPECT_THAT(fault_of(sentence_with_heads(), {.head = 1}), HasSubstr("say which layer"));
}

TEST(Check, NumbersThatDoNotFitAreErrors) {
  ViewedSentence sentence = toy::small_sentence();
  sentence.translations[0].attention.pop_back();
  EXPECT_THAT(fault_of(sentence, {}), HasSubstr("4 rows for 5 target tokens"));
  sentence = toy::small_sentence();
  sentence.translations[0].attention[1].pop_back();
  EXPECT_THAT(fault_of(sentence, {}), HasSubstr("4 columns for 5 source tokens"));
  sentence = toy::small_sentence();
  sentence.translations[0].ranges = {{0, 2}};
  EXPECT_THAT(fault_of(sentence, {}), HasSubstr("there are 1 ranges for 5 tokens"));
  sentence = toy::small_sentence();
  sentence.source_ranges = {{0, 3}, {4, 6}, {6, 9}, {10, 14}, {}};
  EXPECT_THAT(fault_of(sentence, {}), HasSubstr("the range [10, 14] is none of a text of 13 bytes"));
  sentence = toy::small_sentence();
  sentence.translations[0].copied = {5};
  EXPECT_THAT(fault_of(sentence, {}), HasSubstr("copied has 5"));
  sentence = sentence_with_heads();
  sentence.translations[0].layer_names = {"one"};
  EXPECT_THAT(fault_of(sentence, {}), HasSubstr("1 names for 2 layers"));
  sentence = toy::small_sentence();
  sentence.trace = {{.parent = 0}};
  EXPECT_THAT(fault_of(sentence, {}), HasSubstr("candidate 0 has the parent 0"));
  sentence.trace = {{.parent = -1, .attention = {1, 0}}};
  EXPECT_THAT(fault_of(sentence, {}), HasSubstr("2 weights for 5 source tokens"));
}

TEST(StrongestLinks, AreOfWords) {
  const ViewedSentence sentence = toy::small_sentence();
  EXPECT_THAT(strongest_links(sentence, sentence.translations[0]), ElementsAre(Link{0, 0}, Link{2, 1}, Link{1, 2}));
}

TEST(StrongestLinks, LeaveOutWordsThatLookAtTheEnd) {
  ViewedSentence sentence = toy::small_sentence();
  sentence.translations[0].attention[1] = {0, 0, 0, 0.25f, 0.75f};
  EXPECT_THAT(strongest_links(sentence, sentence.translations[0]), ElementsAre(Link{0, 0}, Link{1, 2}));
}

TEST(StrongestLinks, ASpaceAloneIsNoPartOfAWord) {
  ViewedSentence sentence;
  sentence.source = "a b";
  sentence.source_tokens = {"a", "▁", "b", "</s>"};
  ViewedTranslation& to = sentence.translations.emplace_back();
  to.text = "c d";
  to.tokens = {"c", "▁", "d", "</s>"};
  to.attention = {{0.3f, 0.4f, 0.1f, 0.2f}, {1, 0, 0, 0}, {0.3f, 0.2f, 0.4f, 0.1f}, {0, 0, 0, 1}};
  EXPECT_THAT(strongest_links(sentence, to), ElementsAre(Link{0, 0}, Link{1, 1}));
}

}  // namespace
}  // namespace heed
