#include "heed/base/utf8.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

std::string encoded(char32_t c) {
  std::string out;
  utf8::append(out, c);
  return out;
}

TEST(Utf8, EveryCodePointRoundTrips) {
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    const std::string text = encoded(c);
    const bool surrogate = c >= 0xd800 && c <= 0xdfff;
    ASSERT_EQ(utf8::first_invalid(text).has_value(), surrogate) << text;
    if (surrogate) continue;
    ASSERT_EQ(utf8::decode(text), c);
    ASSERT_EQ(utf8::char_length(text, 0), text.size());
  }
}

TEST(Utf8, FindsTheFirstBadByte) {
  EXPECT_EQ(utf8::first_invalid("naïve 漢字 🙂"), std::nullopt);
  const std::string bad[] = {"\x80",
                             "\xc0\xaf",
                             "\xc1\xbf",
                             "\xe0\x80\x80",
                             "\xe0\x9f\xbf",
                             "\xed\xa0\x80",
                             "\xf0\x80\x80\x80",
                             "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80",
                             "\xff",
                             "\xc3",
                             "\xe2\x82",
                             "\xf0\x9f\x99",
                             "\xc3(",
                             "\xe2\x82("};
  for (const std::string& text : bad) {
    EXPECT_EQ(utf8::first_invalid(text), 0u);
    EXPECT_EQ(utf8::first_invalid("aé" + text), 3u);
  }
}

TEST(Utf8, Chars) {
  const std::vector<std::string_view> expected = {"a", "é", "漢", "🙂"};
  EXPECT_EQ(utf8::chars("aé漢🙂"), expected);
  EXPECT_TRUE(utf8::chars("").empty());
}

TEST(Utf8, Lowercase) {
  EXPECT_EQ(utf8::lowercase("ÀÉÎÕÜ ŁŻŒ ẞ ΑΒΓΣ ЖЩЁ ԱԲ ႠႡ ᲐᲑ ＡＢ Ⅷ 漢 x1"),
            "àéîõü łżœ ß αβγσ жщё աբ ⴀⴁ აბ ａｂ Ⅷ 漢 x1");
  EXPECT_EQ(utf8::lowercase("İIı"), "iiı");
  for (char32_t c = 0; c <= 0x1ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    const std::string lower = utf8::lowercase(encoded(c));
    ASSERT_EQ(utf8::lowercase(lower), lower) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(utf8::is_letter_or_mark(c), utf8::is_letter_or_mark(utf8::decode(lower))) << lower;
  }
}

TEST(Utf8, Classes) {
  for (const std::string_view c : utf8::chars("azAZéßΩжאبहคญ漢字한글かナªμ\u0301\u200d")) {
    EXPECT_TRUE(utf8::is_letter_or_mark(utf8::decode(c))) << c;
  }
  for (const std::string_view c :
       utf8::chars("09 .,;'’«»—…€+=<>_#\u00a0\u3000。「」🙂￭▁½²٣।")) {
    EXPECT_FALSE(utf8::is_letter_or_mark(utf8::decode(c))) << c;
  }
  for (const std::string_view c : utf8::chars("09٣५๓")) EXPECT_TRUE(utf8::is_digit(utf8::decode(c))) << c;
  for (const std::string_view c : utf8::chars("a²½Ⅷ")) EXPECT_FALSE(utf8::is_digit(utf8::decode(c))) << c;
  for (const char32_t c : std::initializer_list<char32_t>{0x20, 0x9, 0xa, 0xd, 0x85, 0xa0, 0x2009, 0x202f, 0x3000})
    EXPECT_TRUE(utf8::is_space(c)) << static_cast<unsigned>(c);
  for (const char32_t c : std::initializer_list<char32_t>{0x61, 0x200b, 0x2581, 0xfeff})
    EXPECT_FALSE(utf8::is_space(c)) << static_cast<unsigned>(c);
  EXPECT_TRUE(utf8::is_zero_width(0x301));
  EXPECT_TRUE(utf8::is_zero_width(0xfe0f));
  EXPECT_FALSE(utf8::is_zero_width('a'));
}

TEST(Utf8, DisplayWidth) {
  EXPECT_EQ(utf8::display_width("abc é"), 5u);
  EXPECT_EQ(utf8::display_width("e\u0301"), 1u);
  EXPECT_EQ(utf8::display_width("漢字한🙂"), 8u);
  EXPECT_EQ(utf8::display_width(""), 0u);
}

}  // namespace
}  // namespace heed
