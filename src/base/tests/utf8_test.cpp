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
            "àéîõü łżœ ß αβγς жщё աբ ⴀⴁ აბ ａｂ ⅷ 漢 x1");
  EXPECT_EQ(utf8::lowercase("İIı"), "i\u0307iı");
  for (char32_t c = 0; c <= 0x1ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    const std::string lower = utf8::lowercase(encoded(c));
    ASSERT_EQ(utf8::lowercase(lower), lower) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(utf8::is_letter_or_mark(c), utf8::is_letter_or_mark(utf8::decode(lower))) << lower;
  }
}

std::uint64_t hash_of(std::string_view text, std::uint64_t hash) {  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}
constexpr std::uint64_t kHashOfNothing = 0xcbf29ce484222325;

// What Python 3.11 (Unicode 14) has for "".join(chr(c).lower() for c in range(0x110000) if not 0xd800 <= c <= 0xdfff).
TEST(Utf8, LowercaseOfEveryCodePointIsPythons) {
  std::uint64_t hash = kHashOfNothing;
  int changed = 0;
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c <= 0xdfff) continue;
    const std::string lower = utf8::lowercase(encoded(c));
    changed += lower != encoded(c) ? 1 : 0;
    hash = hash_of(lower, hash);
  }
  EXPECT_EQ(changed, 1433);
  EXPECT_EQ(hash, 0xc319d02e8283b91eULL);
}

TEST(Utf8, ASigmaAtTheEndOfAWordIsFinal) {
  EXPECT_EQ(utf8::lowercase("ΟΙ ΑΝΘΡΩΠΟΙ ΤΗΣ ΠΟΛΗΣ"), "οι ανθρωποι της πολης");
  EXPECT_EQ(utf8::lowercase("ΑΣ'Α Α.Σ. Σ Α\u0301Σ\u0301 ΑΣ1 1Σ ⅧΣ ΑΣ\u00adΑ"),
            "ασ'α α.ς. σ α\u0301ς\u0301 ας1 1σ ⅷς ασ\u00adα");
  // 20,000 words of what decides about a sigma, hashed as Python's lower() of them is.
  const std::vector<std::string_view> alphabet = utf8::chars("ΣΣΣaΑ1 .'·\u0301\u00adⅧʰªǅ漢ßİ᾽");
  std::uint64_t hash = kHashOfNothing;
  std::uint64_t state = 4711;
  for (int i = 0; i < 20000; ++i) {
    std::string word;
    for (int n = 0; n < 8; ++n) {
      state = state * 16807 % 2147483647;
      word += alphabet[state % alphabet.size()];
    }
    hash = hash_of(utf8::lowercase(word), hash);
  }
  EXPECT_EQ(hash, 0xd9656d001495be1eULL);
}

TEST(Utf8, WordsStandBetweenBlanksOfAscii) {
  using Words = std::vector<std::string_view>;
  EXPECT_EQ(utf8::words(" a\tb  c\r"), (Words{"a", "b", "c"}));
  EXPECT_EQ(utf8::words("10\u00a0% \u3000 x\u202fy\u2028"), (Words{"10\u00a0%", "\u3000", "x\u202fy\u2028"}));
  EXPECT_EQ(utf8::words(" \t "), Words{});
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

TEST(Utf8, ABoundaryIsNotInsideACharacter) {
  const std::string text = "a\u00e9\u6f22\U0001F600";  // of 1, 2, 3 and 4 bytes
  const std::size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
  for (std::size_t at = 0; at <= text.size(); ++at) EXPECT_EQ(utf8::boundary_before(text, at), expected[at]) << at;
  EXPECT_EQ(utf8::boundary_before(std::string(9, '\x80'), 8), 5U) << "no text";
}

}  // namespace
}  // namespace heed
