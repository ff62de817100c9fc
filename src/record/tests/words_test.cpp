#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heed/base/error.h"
#include "heed/record/translation.h"
#include "records.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

TEST(Words, AreThoseOfTheBytesWhereTheyAreKnown) {
  const std::vector<ByteRange> ranges = {{0, 1}, {1, 4}, {4, 5}, {5, 8}, {}};
  EXPECT_THAT(words_of("the cat ", {"<unk>", "<unk>", "▁", "<unk>", "</s>"}, ranges), ElementsAre(0, 0, 1, 1, -1));
  EXPECT_THAT(words_of("a b", {"￭", "a", "</s>", "</s>"}, std::vector<ByteRange>{{}, {0, 1}, {2, 3}, {}}),
              ElementsAre(0, 0, 1, -1));
}

using Ranges = std::vector<ByteRange>;

std::string align(const std::string& source, Ranges source_ranges, const std::string& target, Ranges target_ranges,
                  const std::vector<std::vector<float>>& attention) {
  source_ranges.emplace_back();  // EOS
  target_ranges.emplace_back();
  const auto tokens = [](const Ranges& ranges) { return std::vector<std::string>(ranges.size(), "x"); };
  Translated out;
  out.source = source;
  out.source_tokens = tokens(source_ranges);
  out.source_ranges = source_ranges;
  Translation& to = out.translations.emplace_back();
  to.text = target;
  to.tokens = tokens(target_ranges);
  to.ranges = target_ranges;
  to.attention = attention;
  return to_pharaoh(align_words(out, to));
}

const Ranges kAB = {{0, 1}, {2, 3}};

TEST(Alignment, TakesTheLargest) {
  EXPECT_EQ(align("a b", kAB, "x y", {{0, 1}, {2, 3}}, {{0.1F, 0.8F, 0.1F}, {0.7F, 0.2F, 0.1F}, {0, 0, 1}}), "1-0 0-1");
}

TEST(Alignment, EosMakesNoLink) {
  EXPECT_EQ(align("a b", kAB, "x y", {{0, 1}, {2, 3}}, {{0.3F, 0.3F, 0.4F}, {0.2F, 0.5F, 0.3F}, {1, 0, 0}}), "1-1");
}

TEST(Alignment, OfEqualWordsTheFirst) {
  EXPECT_EQ(align("a b", kAB, "x", {{0, 1}}, {{0.4F, 0.4F, 0.2F}, {0, 0, 1}}), "0-0");
}

// Columns of a source word are added: 0.3 + 0.3 is more than 0.4.
TEST(Alignment, AddsThePiecesOfASourceWord) {
  const Ranges pieces = {{0, 1}, {1, 2}, {3, 4}};
  EXPECT_EQ(align("ab c", pieces, "x", {{0, 1}}, {{0.3F, 0.3F, 0.4F, 0}, {0, 0, 0, 1}}), "0-0");
}

TEST(Alignment, AveragesThePiecesOfATargetWord) {
  const Ranges target = {{0, 1}, {1, 2}};
  EXPECT_EQ(align("a b", kAB, "xy", target, {{0.6F, 0.4F, 0}, {0.1F, 0.9F, 0}, {0, 0, 1}}), "1-0");
}

TEST(Alignment, SpacesThatAreRepeatedOrPieces) {
  // "a  b" in characters, the spaces being pieces of their own: they belong to no word.
  const Ranges source = {{1, 2}, {2, 3}, {3, 4}, {4, 5}};
  EXPECT_EQ(align(" a  b", source, "x", {{0, 1}}, {{0.1F, 0.4F, 0.3F, 0.2F, 0}, {0, 0, 0, 0, 1}}), "1-0");
}

TEST(Alignment, EmptySides) {
  EXPECT_EQ(align("", {}, "x", {{0, 1}}, {{1}, {1}}), "");
  EXPECT_EQ(align("a b", kAB, "", {}, {{0, 0, 1}}), "");
  EXPECT_THROW(align("a b", kAB, "x", {{0, 1}}, {{0, 1}, {0, 1}}), Error);
  EXPECT_THROW(align("a b", {}, "x", {}, {}), Error);
}

TEST(AlignWords, AreOfWords) {
  const Translated sentence = toy::small_record();
  EXPECT_THAT(align_words(sentence, sentence.translations[0]), ElementsAre(Link{0, 0}, Link{2, 1}, Link{1, 2}));
}

TEST(AlignWords, LeaveOutWordsThatLookAtTheEnd) {
  Translated sentence = toy::small_record();
  sentence.translations[0].attention[1] = {0, 0, 0, 0.25f, 0.75f};
  EXPECT_THAT(align_words(sentence, sentence.translations[0]), ElementsAre(Link{0, 0}, Link{1, 2}));
}

TEST(AlignWords, ChooseStepsLayersAndHeads) {
  Translated sentence;
  sentence.source = "a";
  sentence.source_tokens = {"a", "</s>"};
  Translation& to = sentence.translations.emplace_back();
  to.text = "c d";
  to.tokens = {"c", "d", "</s>"};
  to.attention = {{1, 0}, {0.5F, 0.5F}, {0, 1}};
  const auto column = [&](const AttentionChoice& choice) {
    const WordAttention attention = word_attention(sentence, to, choice);
    return std::vector<float>{attention.weights[0][0], attention.weights[1][0]};
  };
  EXPECT_THAT(column({}), ElementsAre(1, 0.5F));
  EXPECT_THAT(column({.shift = 1}), ElementsAre(0.5F, 0));
  EXPECT_THAT(column({.shift = 0.5}), ElementsAre(0.75F, 0.25F));
  EXPECT_THAT(column({.shift = 1.5}), ElementsAre(0.25F, 0));  // after the last step its weights stay
  const auto all = [](float weight) { return AttentionWeights(3, {weight, 1 - weight}); };
  to.attention_layers = {{all(0.25F), all(0.75F)}, {all(1), all(0)}};
  EXPECT_THAT(column({.layer = 1}), ElementsAre(0.5F, 0.5F));
  EXPECT_THAT(column({.layer = 2, .head = 1}), ElementsAre(1, 1));
  EXPECT_THAT(column({.head = 2}), ElementsAre(0.375F, 0.375F));
  EXPECT_THROW(column({.layer = 3}), Error);
}

TEST(AlignWords, ASpaceAloneIsNoPartOfAWord) {
  Translated sentence;
  sentence.source = "a b";
  sentence.source_tokens = {"a", "▁", "b", "</s>"};
  Translation& to = sentence.translations.emplace_back();
  to.text = "c d";
  to.tokens = {"c", "▁", "d", "</s>"};
  to.attention = {{0.3f, 0.4f, 0.1f, 0.2f}, {1, 0, 0, 0}, {0.3f, 0.2f, 0.4f, 0.1f}, {0, 0, 0, 1}};
  EXPECT_THAT(align_words(sentence, to), ElementsAre(Link{0, 0}, Link{1, 1}));
}

}  // namespace
}  // namespace heed
