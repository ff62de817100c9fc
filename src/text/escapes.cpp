#include "heed/text/escapes.h"

#include <algorithm>
#include <array>

#include "heed/base/utf8.h"

namespace heed {
namespace {

constexpr std::string_view kUnknownMark = "\u2585";
constexpr std::string_view kLiteral = "\ufdd0";
constexpr std::string_view kEscapedSpaceMark = "\ufdd1";
constexpr std::string_view kEscapedUnknownMark = "\ufdd2";

constexpr std::array<std::string_view, 3> kSpecialEnds = {"unk>", "s>", "/s>"};
constexpr std::string_view kEscapedBracket = "&#60;";
constexpr std::string_view kEscapedEscape = "&#38;";

/// "&#60;" and the end of a special, perhaps behind some "&#38;".
bool is_escaped_special(std::string_view word) {
  while (word.starts_with(kEscapedEscape)) word.remove_prefix(kEscapedEscape.size());
  if (!word.starts_with(kEscapedBracket)) return false;
  return std::find(kSpecialEnds.begin(), kSpecialEnds.end(), word.substr(kEscapedBracket.size())) != kSpecialEnds.end();
}

}  // namespace

std::size_t Escaped::origin(std::size_t place) const {
  const auto before = std::lower_bound(inserted.begin(), inserted.end(), place) - inserted.begin();
  return place - static_cast<std::size_t>(before) * kLiteral.size();
}

Escaped escape(std::string_view sentence) {
  Escaped out;
  out.text.reserve(sentence.size());
  for (std::size_t at = 0; at < sentence.size();) {
    const std::string_view c = sentence.substr(at, utf8::char_length(sentence, at));
    at += c.size();
    if (c == kLiteral || c == kEscapedSpaceMark || c == kEscapedUnknownMark) {
      out.inserted.push_back(out.text.size());
      out.text += kLiteral;
    }
    out.text += c == kSpaceMark ? kEscapedSpaceMark : c == kUnknownMark ? kEscapedUnknownMark : c;
  }
  return out;
}

void Unescaper::add(std::string_view text) {
  for (const std::string_view c : utf8::chars(text)) {
    const bool mark = !literal_ && c == kLiteral;
    if (literal_) {
      out_ += c;
    } else if (!mark) {
      out_ += c == kEscapedSpaceMark ? kSpaceMark : c == kEscapedUnknownMark ? kUnknownMark : c;
    }
    literal_ = mark;
  }
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  Unescaper(out).add(text);
  return out;
}

std::string escape_word(std::string_view word) {
  const bool special = word.starts_with('<') &&
                       std::find(kSpecialEnds.begin(), kSpecialEnds.end(), word.substr(1)) != kSpecialEnds.end();
  if (special) return std::string(kEscapedBracket) + std::string(word.substr(1));
  return std::string(is_escaped_special(word) ? kEscapedEscape : "") + std::string(word);
}

std::string unescape_word(std::string_view token) {
  if (!is_escaped_special(token)) return std::string(token);
  if (token.starts_with(kEscapedEscape)) return std::string(token.substr(kEscapedEscape.size()));
  return "<" + std::string(token.substr(kEscapedBracket.size()));
}

}  // namespace heed
