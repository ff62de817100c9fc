#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/view/page.h"
#include "viewed.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
  sentence.translations[0].copied = std::vector{2, 3};
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
  Translation& to = sentence.translations[0];
  for (unsigned layer = 0; layer < 2; ++layer) {
    to.attention_layers.push_back({toy::random_weights(5, 5, 2 * layer), toy::random_weights(5, 5, 2 * layer + 1)});
  }
  return sentence;
}

TEST(PictureOf, ChoosesLayersAndHeadsAndSaysWhatTheyAre) {
  ViewedSentence sentence = sentence_with_heads();
  const auto& layers = sentence.translations[0].attention_layers;
  EXPECT_EQ(picture_of(sentence, {}).measure, "mean of 4 heads");
  const AttentionPicture head = picture_of(sentence, {.layer = 1, .head = 0});
  EXPECT_EQ(head.weights, layers[1][0]);
  EXPECT_EQ(head.measure, "layer 2, head 1");
  sentence.attention_names = {"hop 1", "hop 2"};
  const AttentionPicture layer = picture_of(sentence, {.layer = 0});
  EXPECT_EQ(layer.measure, "hop 1, mean of 2 heads");
  EXPECT_FLOAT_EQ(layer.weights[3][1], (layers[0][0][3][1] + layers[0][1][3][1]) / 2);
}

std::string fault_of(const ViewedSentence& sentence, const PictureChoice& choice) {
  return error_of([&] {
    check_record(sentence);
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

}  // namespace
}  // namespace heed
