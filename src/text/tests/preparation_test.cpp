// Text in a normal form of Unicode, and where its tokens stand in the text that was given.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "heed/base/rng.h"
#include "heed/base/utf8.h"
#include "heed/text/text_side.h"

namespace heed {
namespace {

using testing::ElementsAre;

TextOptions form_options(const std::string& tokenizer, const std::string& normalization) {
  TextOptions options;
  options.tokenizer = tokenizer;
  options.vocabulary = 90;
  options.normalization = normalization;
  return options;
}

std::vector<std::string> piece_texts(const std::vector<Piece>& pieces) {
  std::vector<std::string> out;
  for (const Piece& piece : pieces) out.push_back(piece.text);
  return out;
}

TEST(Normalization, RangesAreThoseOfTheTextThatWasGiven) {
  const std::string sentence = "e\u0301te\u0301 \u212b";  // \u00e9t\u00e9, and the angstrom sign
  const TextSide side = TextSide::build(form_options("words", "nfc"), std::vector{sentence});
  const std::vector<Piece> words = side.encode(sentence).pieces;
  EXPECT_THAT(piece_texts(words), ElementsAre("\u00e9t\u00e9", "\u00c5"));
  EXPECT_THAT(ranges_of(words), ElementsAre(ByteRange{0, 7}, ByteRange{8, 11}));
  const std::vector<Piece> characters =
      TextSide::build(form_options("characters", "nfc"), std::vector{sentence}).encode(sentence).pieces;
  EXPECT_THAT(piece_texts(characters), ElementsAre("\u00e9", "t", "\u00e9", "\u2581", "\u00c5"));
  EXPECT_THAT(ranges_of(characters),
              ElementsAre(ByteRange{0, 3}, ByteRange{3, 4}, ByteRange{4, 7}, ByteRange{7, 8}, ByteRange{8, 11}));
  EXPECT_EQ(side.as_written(sentence), "\u00e9t\u00e9 \u00c5");
}

// Of a character that became several, the first has all of it.
TEST(Normalization, OneCharacterMayBecomeSeveral) {
  TextOptions options = form_options("characters", "nfkc");
  const TextSide side = TextSide::build(options, std::vector<std::string>{"fin \u2460"});
  const std::vector<Piece> pieces = side.encode("\ufb01n\u2460").pieces;  // the ligature fi, a 1 in a circle
  EXPECT_THAT(piece_texts(pieces), ElementsAre("f", "i", "n", "1"));
  EXPECT_THAT(ranges_of(pieces), ElementsAre(ByteRange{0, 3}, ByteRange{3, 3}, ByteRange{3, 4}, ByteRange{4, 7}));
  options.lowercase = true;
  const TextSide lower = TextSide::build(options, std::vector<std::string>{"fin"});
  const std::vector<Piece> lowered = lower.encode("N\u0303\u0130").pieces;
  EXPECT_THAT(piece_texts(lowered), ElementsAre("\u00f1", "i", "\u0307"));
  EXPECT_THAT(ranges_of(lowered), ElementsAre(ByteRange{0, 3}, ByteRange{3, 5}, ByteRange{5, 5}));
}

TEST(Normalization, NoneLeavesTextAsItIs) {
  const TextSide side = TextSide::build(form_options("words", "none"), std::vector<std::string>{"e\u0301"});
  EXPECT_EQ(side.as_written("e\u0301 \ufb01"), "e\u0301 \ufb01");
}

TEST(Normalization, EveryTokenizerLearnsAndReadsTheSame) {
  std::vector<std::string> composed, decomposed;
  const std::vector<std::pair<std::string, std::string>> letters = {
      {"\u00e9", "e\u0301"}, {"\u00f1", "n\u0303"}, {"a", "a"}, {"\uac01", "\u1100\u1161\u11a8"}, {" ", " "}};
  Rng rng(3);
  for (int i = 0; i < 200; ++i) {
    composed.emplace_back("a"), decomposed.emplace_back("a");
    for (std::uint64_t n = rng.below(12); n > 0; --n) {
      const auto& [one, two] = letters[rng.below(letters.size())];
      composed.back() += one, decomposed.back() += two;
    }
  }
  for (const std::string& kind : tokenizer_kinds()) {
    const TextSide one = TextSide::build(form_options(kind, "nfc"), composed);
    const TextSide two = TextSide::build(form_options(kind, "nfc"), decomposed);
    const TextSide plain = TextSide::build(form_options(kind, "none"), composed);
    ASSERT_EQ(one.vocabulary_size(), two.vocabulary_size()) << kind;
    for (int id = 0; id < one.vocabulary_size(); ++id) ASSERT_EQ(one.token(id), two.token(id)) << kind;
    for (std::size_t i = 0; i < composed.size(); ++i) {
      ASSERT_EQ(one.encode(composed[i]).ids, plain.encode(composed[i]).ids) << kind;
      const Encoding encoding = one.encode(decomposed[i]);
      ASSERT_EQ(encoding.ids, plain.encode(composed[i]).ids) << kind;
      // Each range is the decomposed text of its token.
      std::size_t at = 0;
      for (const Piece& piece : encoding.pieces) {
        ASSERT_LE(at, piece.begin) << kind;
        ASSERT_LE(piece.begin, piece.end) << kind;
        const std::string covered = decomposed[i].substr(piece.begin, piece.end - piece.begin);
        ASSERT_FALSE(utf8::first_invalid(covered)) << kind;
        if (kind == "spaces") {
          ASSERT_EQ(one.as_written(covered), piece.text) << kind;
        }
        at = piece.end;
      }
    }
  }
}

}  // namespace
}  // namespace heed
