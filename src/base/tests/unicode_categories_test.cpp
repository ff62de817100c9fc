#include "heed/base/unicode_categories.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace heed {
namespace {

TEST(UnicodeCategories, EachIsOneOrNone) {
  const auto all = [](std::u32string_view text, const auto& test) {
    return std::all_of(text.begin(), text.end(), test);
  };
  EXPECT_TRUE(all(U"!%-_}«“—。・", utf8::is_punctuation));
  EXPECT_TRUE(all(U"$+<=>^`|~©€№★", utf8::is_symbol));
  EXPECT_TRUE(all(U"09½Ⅳ²٣", utf8::is_number));
  EXPECT_TRUE(all(U"\u00ad\u200d\ufeff", utf8::is_format));
  const auto any = [](char32_t c) {
    return utf8::is_punctuation(c) + utf8::is_symbol(c) + utf8::is_number(c) + utf8::is_format(c);
  };
  EXPECT_TRUE(all(U"!%-_}«“—。・$+<=>^`|~©€№★09½Ⅳ²٣\u00ad", [&](char32_t c) { return any(c) == 1; })) << "one of them";
  EXPECT_TRUE(all(std::u32string(U"aé語 ") + U'\0', [&](char32_t c) { return any(c) == 0; })) << "or none";
}

}  // namespace
}  // namespace heed
