#include "heed/base/links.h"

#include <gmock/gmock.h>

#include "error_of.h"
#include "heed/base/error.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Links, OfAPharaohLineAndBack) {
  EXPECT_THAT(parse_links(" 10-12\t3-4\r"), ElementsAre(Link{10, 12}, Link{3, 4}));
  EXPECT_THAT(parse_links(""), IsEmpty());
  EXPECT_EQ(to_pharaoh(parse_links("0-0  2-1")), "0-0 2-1");
  EXPECT_EQ(error_of([] { parse_links("0-0 1:2"); }),
            "'1:2' is no link; it would be like '3-4', word numbers counted from 0");
}

TEST(Links, TokensOfWordsAreThoseThatStandForAPartOfThem) {
  const std::vector<ByteRange> tokens = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {}};  // "ab c" and EOS
  EXPECT_THAT(tokens_of_words("ab c", tokens), ElementsAre(ElementsAre(0, 1), ElementsAre(3)));
}

TEST(Links, WithoutAnEndMarkEachWordIsLinked) {
  const std::vector<std::vector<float>> attention = {{0.4F, 0.6F}, {0.7F, 0.3F}};
  EXPECT_THAT(align_words({{0}, {1}}, {{0}, {1}}, attention), ElementsAre(Link{1, 0}, Link{0, 1}));
  EXPECT_THAT(align_words({{0}}, {{0}, {1}}, attention), ElementsAre(Link{0, 1}));  // the second column is EOS
}

using Ranges = std::vector<ByteRange>;

std::string align(std::string_view source, Ranges source_tokens, std::string_view target, Ranges target_tokens,
                  const std::vector<std::vector<float>>& attention) {
  source_tokens.emplace_back();  // EOS
  target_tokens.emplace_back();
  return to_pharaoh(align_words(AlignedSide{source, source_tokens}, AlignedSide{target, target_tokens}, attention));
}

const Ranges kAB = {{0, 1}, {2, 3}};

TEST(Alignment, TakesTheLargest) {
  EXPECT_EQ(align("a b", kAB, "x y", {{0, 1}, {2, 3}}, {{0.1F, 0.8F, 0.1F}, {0.7F, 0.2F, 0.1F}, {0, 0, 1}}), "1-0 0-1");
}

TEST(Alignment, TheEndMarkMakesNoLink) {
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

}  // namespace
}  // namespace heed
