#include "labels.h"

#include <algorithm>
#include <cstdint>

#include "heed/base/utf8.h"
#include "heed/view/visible_text.h"

namespace heed::view {
namespace {

// Of a label: marks take no column, and laying them out takes Pango time that grows with their square.
constexpr std::size_t kMostMarks = 200;

std::string hex(std::uint32_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string digits;
  for (; value > 0 || digits.size() < 2; value >>= 4) digits.insert(digits.begin(), kDigits[value & 15]);
  return digits;
}

/// Characters that have no shape of their own but change how their neighbours are laid out: zero-width spaces, line and
/// paragraph separators, direction marks, the byte order mark. Joiners (U+200C, U+200D) belong to words of some
/// scripts.
bool moves_text(char32_t c) {
  return c == 0x200b || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         c == 0xfeff || c == 0xad || c == 0x61c;
}

/// Code points that no text has, two of which XML forbids.
bool is_noncharacter(char32_t c) { return (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef); }

void append_visible(std::string& out, std::string_view character, bool unicode) {
  const char32_t c = utf8::decode(character);
  if (c < 0x20 && unicode) {
    utf8::append(out, 0x2400 + c);  // the control pictures
  } else if (c == 0x7f && unicode) {
    utf8::append(out, 0x2421);
  } else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
    out.append("\\x").append(hex(c));
  } else if (moves_text(c) || is_noncharacter(c)) {
    out.append("\\u{").append(hex(c)).append("}");
  } else {
    out += character;
  }
}

void append_valid(std::string& out, std::string_view text, bool unicode) {
  for (const std::string_view character : utf8::chars(text)) append_visible(out, character, unicode);
}

}  // namespace

std::string visible_label(std::string_view token, bool unicode) {
  if (token.empty()) return "\"\"";
  std::string label;
  while (const auto broken = utf8::first_invalid(token)) {
    append_valid(label, token.substr(0, *broken), unicode);
    label.append("\\x").append(hex(static_cast<unsigned char>(token[*broken])));
    token.remove_prefix(*broken + 1);
  }
  append_valid(label, token, unicode);
  if (utf8::is_blank(label)) return unicode ? "\u2423" : "_";                      // an open box
  if (utf8::display_width(label) == 0) return (unicode ? "\u25cc" : "o") + label;  // a ring that carries the marks
  return label;
}

std::vector<std::string> visible_labels(const std::vector<std::string>& tokens) {
  std::vector<std::string> out;
  out.reserve(tokens.size());
  for (const std::string& token : tokens) out.push_back(visible_label(token, true));
  return out;
}

std::string cut_label(const std::string& label, std::size_t columns, bool unicode) {
  const std::vector<std::string_view> characters = utf8::chars(label);
  if (characters.size() <= columns + kMostMarks && utf8::display_width(label) <= columns) return label;
  std::string cut;
  std::size_t width = 0;
  std::size_t marks = 0;
  for (const std::string_view character : characters) {
    const std::size_t columns_of_it = utf8::display_width(character);
    width += columns_of_it;
    marks += columns_of_it == 0 ? 1 : 0;
    if (width + 1 > columns || marks > kMostMarks) break;
    cut += character;
  }
  return cut + (unicode ? "\u2026" : "~");
}

}  // namespace heed::view

namespace heed {

std::string visible_text(std::string_view text, bool unicode) {
  return text.empty() ? "" : view::visible_label(text, unicode);
}

}  // namespace heed
