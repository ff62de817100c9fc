#include "heed/translate/alignment.h"

#include <gtest/gtest.h>

#include "heed/base/error.h"

namespace heed {
namespace {

using Rows = std::vector<std::vector<float>>;

std::string align(std::string_view source, const std::vector<Piece>& source_pieces, std::string_view target,
                  const std::vector<Piece>& target_pieces, const Rows& attention) {
  return to_pharaoh(align_words({source, source_pieces}, {target, target_pieces}, attention));
}

const std::vector<Piece> kAB = {{"a", 0, 1}, {"b", 2, 3}};

TEST(Alignment, TakesTheLargest) {
  EXPECT_EQ(align("a b", kAB, "x y", {{"x", 0, 1}, {"y", 2, 3}}, {{0.1F, 0.8F, 0.1F}, {0.7F, 0.2F, 0.1F}, {0, 0, 1}}),
            "1-0 0-1");
}

TEST(Alignment, TheEndMarkMakesNoLink) {
  EXPECT_EQ(align("a b", kAB, "x y", {{"x", 0, 1}, {"y", 2, 3}}, {{0.3F, 0.3F, 0.4F}, {0.2F, 0.5F, 0.3F}, {1, 0, 0}}),
            "1-1");
}

TEST(Alignment, OfEqualWordsTheFirst) {
  EXPECT_EQ(align("a b", kAB, "x", {{"x", 0, 1}}, {{0.4F, 0.4F, 0.2F}, {0, 0, 1}}), "0-0");
}

// Columns of a source word are added: 0.3 + 0.3 is more than 0.4.
TEST(Alignment, AddsThePiecesOfASourceWord) {
  const std::vector<Piece> pieces = {{"a", 0, 1}, {"b", 1, 2}, {"c", 3, 4}};
  EXPECT_EQ(align("ab c", pieces, "x", {{"x", 0, 1}}, {{0.3F, 0.3F, 0.4F, 0}, {0, 0, 0, 1}}), "0-0");
}

TEST(Alignment, AveragesThePiecesOfATargetWord) {
  const std::vector<Piece> target = {{"x", 0, 1}, {"y", 1, 2}};
  EXPECT_EQ(align("a b", kAB, "xy", target, {{0.6F, 0.4F, 0}, {0.1F, 0.9F, 0}, {0, 0, 1}}), "1-0");
}

TEST(Alignment, SpacesThatAreRepeatedOrPieces) {
  // "a  b" in characters, the spaces being pieces of their own: they belong to no word.
  const std::vector<Piece> source = {{"a", 1, 2}, {"_", 2, 3}, {"_", 3, 4}, {"b", 4, 5}};
  EXPECT_EQ(align(" a  b", source, "x", {{"x", 0, 1}}, {{0.1F, 0.4F, 0.3F, 0.2F, 0}, {0, 0, 0, 0, 1}}), "1-0");
}

TEST(Alignment, EmptySides) {
  EXPECT_EQ(align("", {}, "x", {{"x", 0, 1}}, {{1}, {1}}), "");
  EXPECT_EQ(align("a b", kAB, "", {}, {{0, 0, 1}}), "");
  EXPECT_THROW(align("a b", kAB, "x", {{"x", 0, 1}}, {{0, 1}, {0, 1}}), Error);
}

}  // namespace
}  // namespace heed
