#include "labels.h"

#include <gtest/gtest.h>

#include "heed/base/utf8.h"
#include "heed/view/visible_text.h"

namespace heed::view {
namespace {

TEST(VisibleLabel, LeavesTextAlone) {
  EXPECT_EQ(visible_label("Übung", true), "Übung");
  EXPECT_EQ(visible_label("▁the", true), "▁the");
  EXPECT_EQ(visible_label("東京", false), "東京");
  EXPECT_EQ(visible_label("a b", true), "a b");
}

TEST(VisibleLabel, ShowsControlCharacters) {
  EXPECT_EQ(visible_label("\x1b[2Jx", true), "␛[2Jx");
  EXPECT_EQ(visible_label("\x1b[2Jx", false), "\\x1b[2Jx");
  EXPECT_EQ(visible_label("a\nb\tc\rd\x7f", true), "a␊b␉c␍d␡");
  EXPECT_EQ(visible_label(std::string(1, '\0'), true), "␀");
  EXPECT_EQ(visible_label(std::string(1, '\0'), false), "\\x00");
  EXPECT_EQ(visible_label("\u009b31m", true), "\\x9b31m");  // CSI as one character
}

TEST(VisibleLabel, ShowsCharactersThatMoveText) {
  EXPECT_EQ(visible_label("a\u202eb", true), "a\\u{202e}b");
  EXPECT_EQ(visible_label("\u200b", true), "\\u{200b}");
  EXPECT_EQ(visible_label("\ufeffx", true), "\\u{feff}x");
}

TEST(VisibleLabel, ShowsWhatIsNoCharacter) {
  EXPECT_EQ(visible_label("x\ufffe", true), "x\\u{fffe}");
  EXPECT_EQ(visible_label("\uffff", true), "\\u{ffff}");
  EXPECT_EQ(visible_label("\ufdd0\U0001ffff", true), "\\u{fdd0}\\u{1ffff}");
  EXPECT_EQ(visible_label("\ufffd", true), "\ufffd");
}

TEST(VisibleText, IsThatOfLabelsButEmptyWhereThereIsNone) {
  EXPECT_EQ(visible_text("a\x1b]0;b\x07", true), "a␛]0;b␇");
  EXPECT_EQ(visible_text("a\x1b]0;b\x07", false), "a\\x1b]0;b\\x07");
  EXPECT_EQ(visible_text("", true), "");
}

TEST(VisibleLabel, ShowsBytesThatAreNotUtf8) {
  EXPECT_EQ(visible_label("a\xff\xc3", true), "a\\xff\\xc3");
  EXPECT_EQ(visible_label("\xc3\xa9\xa9", true), "é\\xa9");
}

TEST(VisibleLabel, GivesBlankTokensASign) {
  EXPECT_EQ(visible_label(" ", true), "␣");
  EXPECT_EQ(visible_label(" ", false), "_");
  EXPECT_EQ(visible_label("\u3000", true), "␣");
  EXPECT_EQ(visible_label("", true), "\"\"");
}

TEST(VisibleLabel, CarriesLonelyMarks) {
  EXPECT_EQ(visible_label("\u0301", true), "\u25cc\u0301");
  EXPECT_EQ(visible_label("e\u0301", true), "e\u0301");
}

TEST(CutLabel, KeepsWhatFits) {
  EXPECT_EQ(cut_label("abc", 3, true), "abc");
  EXPECT_EQ(cut_label("東京", 4, true), "東京");
}

TEST(CutLabel, CutsBetweenCharacters) {
  EXPECT_EQ(cut_label("abcd", 3, true), "ab…");
  EXPECT_EQ(cut_label("abcd", 3, false), "ab~");
  EXPECT_EQ(cut_label("éééé", 3, true), "éé…");
  EXPECT_EQ(cut_label("東京都", 4, true), "東…");  // a second wide character would leave no room for the ellipsis
  EXPECT_EQ(cut_label("e\u0301e\u0301e\u0301", 2, true), "e\u0301…");
  for (std::size_t columns = 2; columns < 12; ++columns) {
    EXPECT_LE(utf8::display_width(cut_label("日本語 text 日本語", columns, true)), columns);
  }
}

TEST(CutLabel, CutsMarksThatTakeNoColumn) {
  std::string label = "a";
  for (int i = 0; i < 100000; ++i) label += "\u0301";
  const std::string cut = cut_label(label, 200, true);
  EXPECT_TRUE(cut.starts_with("a\u0301\u0301"));
  EXPECT_TRUE(cut.ends_with("\u0301\u2026"));
  EXPECT_LT(cut.size(), 1000U);
}

}  // namespace
}  // namespace heed::view
