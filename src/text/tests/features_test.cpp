#include "heed/text/features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heed/base/error.h"
#include "heed/text/text_side_builder.h"
#include "test_files.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

using FeaturesTest = FolderTest;

constexpr int kEos = Vocabulary::kEnd;

TextOptions options_with(const std::string& tokenizer) {
  TextOptions out;
  out.tokenizer = tokenizer;
  out.feature = {.name = "pos", .column = 3};
  out.more_features = {{.column = 4}};
  return out;
}

TokenizedText read(const TextOptions& options) {
  TextSide::Builder builder(options);
  builder.add("der Hund", std::vector<std::string_view>{"D N", "north"});
  builder.add("Hunde", std::vector<std::string_view>{"N", "south"});
  builder.add("", std::vector<std::string_view>{"", "south"});
  return builder.finish();
}

TEST(Features, FitASentenceAsOneValueOrOneForEachWord) {
  EXPECT_EQ(feature_fault("X", "a b c"), "");
  EXPECT_EQ(feature_fault(" X  Y Z ", "a b c"), "");
  EXPECT_EQ(feature_fault("", ""), "");
  EXPECT_EQ(feature_fault("X", ""), "");
  EXPECT_THAT(feature_fault("X Y", "a b c"), HasSubstr("2 values, but the source has 3 words"));
  EXPECT_THAT(feature_fault("", "a"), HasSubstr("0 values, but the source has 1 word"));
  EXPECT_THAT(feature_fault("X Y", ""), HasSubstr("2 values, but the source has 0 words"));
}

TEST(Features, HaveTheirPlaceAsNameIfNoOther) {
  EXPECT_EQ(TextOptions().feature_names(), "");
  EXPECT_EQ(options_with("words").feature_names(), "pos, feature2");
}

TEST(Features, HaveNoEndWhereTheSourceHasNone) {
  TextOptions options = options_with("spaces");
  options.end = {.always = false};
  const TokenizedText text = read(options);
  EXPECT_THAT(text.features[0], ElementsAre(4, 3, 4, 4));
  EXPECT_THAT(text.features[2], ElementsAre(kEos, kEos));  // a blank source is EOS
  EXPECT_EQ(text.side.feature_ids("der Hund", text.side.encode("der Hund").pieces, {"D N", "north"}),
            std::vector<int>(text.features[0].begin(), text.features[0].end()));
  EXPECT_THAT(text.side.feature_ids("", {}, {"", "south"}), ElementsAre(kEos, kEos));
}

// Ids of values by frequency, then in byte order: N is 3, D 4; south 3, north 4.
TEST(Features, OfAWordAreThoseOfItsTokens) {
  const TokenizedText spaces = read(options_with("spaces"));
  EXPECT_THAT(spaces.features[0], ElementsAre(4, 3, kEos, 4, 4, kEos));
  EXPECT_THAT(spaces.features[1], ElementsAre(3, kEos, 3, kEos));
  EXPECT_THAT(spaces.features[2], ElementsAre(kEos, kEos));
  EXPECT_TRUE(spaces.words.empty());
  const TokenizedText characters = read(options_with("characters"));  // the blank is of the word behind it
  EXPECT_THAT(characters.features[0], ElementsAre(4, 4, 4, 3, 3, 3, 3, 3, kEos, 4, 4, 4, 4, 4, 4, 4, 4, kEos));
}

TEST(Features, OfATextAreThoseThatTrainingRead) {
  for (const std::string kind : {"words", "characters", "spaces"}) {
    const TokenizedText text = read(options_with(kind));
    const Encoding encoding = text.side.encode("der Hund");
    const std::vector<int> ids = text.side.feature_ids("der Hund", encoding.pieces, {"D N", "north"});
    EXPECT_TRUE(std::equal(ids.begin(), ids.end(), text.features[0].begin(), text.features[0].end())) << kind;
  }
}

TEST(Features, ThatAreNewOrLookLikeASpecialAreUnknown) {
  const TextSide side = read(options_with("spaces")).side;
  const Encoding encoding = side.encode("a b");
  EXPECT_THAT(side.feature_ids("a b", encoding.pieces, {"Z N", "</s>"}), ElementsAre(0, 3, kEos, 0, 0, kEos));
}

TEST(Features, AreGivenForEachThatTheSideHas) {
  TextSide::Builder builder(options_with("words"));
  const std::vector<std::string_view> one{"N"};
  EXPECT_THAT([&] { builder.add("Hund"); },
              ThrowsMessage<Error>(HasSubstr("values of 0 features for a side with 2 (pos, feature2)")));
  EXPECT_THAT([&] { builder.add("Hund", one); }, ThrowsMessage<Error>(HasSubstr("values of 1 features")));
}

TEST(Features, ThatDoNotFitAreAnError) {
  const TextSide side = read(options_with("spaces")).side;
  const Encoding encoding = side.encode("a b");
  const auto ids = [&](const TextSide& of, const FeatureValues& values) {
    return [&, values] { (void)of.feature_ids("a b", encoding.pieces, values); };
  };
  EXPECT_THAT(ids(side, {}), ThrowsMessage<UsageError>(HasSubstr("reads features (pos, feature2)")));
  EXPECT_THAT(ids(side, {"X"}), ThrowsMessage<UsageError>(HasSubstr("values of 1")));
  EXPECT_THAT(ids(side, {"X Y Z", "x"}),
              ThrowsMessage<Error>(HasSubstr("'pos': 3 values, but the source has 2 words")));
  EXPECT_THAT(ids(TextSide::build({}, std::vector<std::string>{"a b"}), {"X"}),
              ThrowsMessage<UsageError>(HasSubstr("reads no features")));
}

TEST_F(FeaturesTest, AreSavedBesideTheVocabulary) {
  const TextOptions options = options_with("spaces");
  const TextSide side = read(options).side;
  side.save(root.string(), "source");
  EXPECT_TRUE(std::filesystem::exists(root / "source.features.pos.vocabulary"));
  const TextSide loaded = TextSide::load(options, root, "source");
  EXPECT_TRUE(loaded.has_features_of(side));
  EXPECT_EQ(loaded.features()[1].tokens(), side.features()[1].tokens());
  TextOptions other = options;
  other.feature.name = "tag";
  EXPECT_THAT([&] { (void)TextSide::load(other, root, "source"); },
              ThrowsMessage<Error>(HasSubstr("source.features.tag.vocabulary' is missing")));
  EXPECT_FALSE(side.has_features_of(TextSide::load({.tokenizer = "spaces"}, root, "source")));
}

}  // namespace
}  // namespace heed
