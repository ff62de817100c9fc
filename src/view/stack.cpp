#include "stack.h"

#include <algorithm>
#include <string_view>

#include "heed/base/utf8.h"
#include "heed/text/escapes.h"

namespace heed::view {
namespace {

// In sizes of the font: the middle of a square character above its baseline, and how far a comma, which is at the lower
// left of its square in a level line, is from its place at the upper right.
constexpr double kMiddle = 0.38;
constexpr double kComma = 0.55;

/// Long vowels, dashes and brackets: a quarter turn in vertical text (Unicode Standard Annex 50, "Tr" and "R").
bool lies(char32_t c) {
  static constexpr std::u32string_view kOthers =
      U"\u301c\u301d\u301e\u301f\u3030\u30a0\u30fc\uff08\uff09\uff0d\uff1a\uff1b\uff1d\uff3b\uff3d\uff3f\uff5b\uff5c"
      U"\uff5d"
      U"\uff5e\uff5f\uff60";
  return (c >= 0x3008 && c <= 0x3011) || (c >= 0x3014 && c <= 0x301b) || kOthers.find(c) != kOthers.npos;
}

bool is_comma(char32_t c) { return c == 0x3001 || c == 0x3002 || c == 0xff0c || c == 0xff0e; }

}  // namespace

std::vector<std::string> stacked_characters(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string_view character : utf8::chars(text)) {
    if (out.empty() || !utf8::is_zero_width(utf8::decode(character))) out.emplace_back();
    out.back() += character;
  }
  return out;
}

bool stands_upright(const std::string& text) {
  const std::vector<std::string> characters = stacked_characters(text);
  const auto first = std::find_if(characters.begin(), characters.end(), [](const auto& c) { return c != kSpaceMark; });
  return first != characters.end() &&
         std::all_of(first, characters.end(), [](const auto& c) { return utf8::display_width(c) == 2; });
}

std::vector<SheetText> vertical_line(const SheetText& whole) {
  std::vector<SheetText> out;
  double y = whole.y;
  for (const std::string& character : stacked_characters(whole.text)) {
    const char32_t c = utf8::decode(utf8::chars(character).front());
    const bool upright = !lies(c) && !is_comma(c);
    if (upright && !out.empty() && out.back().stacked) {
      out.back().text += character;
    } else {
      SheetText& text = out.emplace_back(whole);
      text.text = character;
      text.anchor = Anchor::kMiddle;
      text.stacked = upright;
      text.turn = lies(c) ? Turn::kDown : Turn::kNone;
      text.x += upright ? 0 : whole.size * (lies(c) ? -kMiddle : kComma);
      text.y = upright ? y : y - whole.size * (lies(c) ? kMiddle : kComma);
    }
    y += whole.size * kStackedLine;
  }
  return out;
}

}  // namespace heed::view
