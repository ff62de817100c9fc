#include "heed/base/utf8.h"

#include <algorithm>
#include <iterator>

#include "heed/base/unicode_categories.h"
#include "unicode_tables.h"

namespace heed::utf8 {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool continues(std::string_view text, std::size_t at) { return (byte_at(text, at) & 0xc0) == 0x80; }

// Length of the well-formed character at text[at], or 0 (RFC 3629, table 3-7 of the Unicode standard).
std::size_t well_formed_length(std::string_view text, std::size_t at) {
  const unsigned lead = byte_at(text, at);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || length > text.size() - at) return 0;
  const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;   // no overlong forms
  const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;  // no surrogates, nothing past U+10FFFF
  if (byte_at(text, at + 1) < low || byte_at(text, at + 1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!continues(text, at + i)) return 0;
  }
  return length;
}

template <std::size_t N>
bool contains(const Range (&table)[N], char32_t c) {
  const Range* range = std::upper_bound(std::begin(table), std::end(table), c,
                                        [](char32_t value, const Range& r) { return value < r.first; });
  return range != std::begin(table) && c <= std::prev(range)->last;
}

char32_t to_lower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  const CaseRun* run = std::upper_bound(std::begin(kLower), std::end(kLower), c,
                                        [](char32_t value, const CaseRun& r) { return value < r.first; });
  if (run == std::begin(kLower)) return c;
  --run;
  if (c > run->last || (c - run->first) % run->stride != 0) return c;
  return static_cast<char32_t>(static_cast<std::int64_t>(c) + run->delta);
}

bool is_cased(char32_t c) { return c < 0x80 ? (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') : contains(kCased, c); }

bool is_case_ignorable(char32_t c) {
  return c < 0x80 ? std::string_view("'.:^`").find(static_cast<char>(c)) != std::string_view::npos
                  : contains(kCaseIgnorable, c);
}

char32_t char_before(std::string_view text, std::size_t& at) {
  at = boundary_before(text, at - 1);
  return decode(text.substr(at));
}

/// Whether the sigma text[at] ends a word: a cased letter stands before it and none after it, case-ignorable characters
/// aside (Final_Sigma of the Unicode standard, table 3-17, as Python's str.lower() reads it).
bool is_final_sigma(std::string_view text, std::size_t at, std::size_t length) {
  bool before = false;
  for (std::size_t from = at; from > 0;) {
    const char32_t c = char_before(text, from);
    if (is_case_ignorable(c)) continue;
    before = is_cased(c);
    break;
  }
  if (!before) return false;
  for (std::size_t next = at + length; next < text.size(); next += char_length(text, next)) {
    const char32_t c = decode(text.substr(next));
    if (!is_case_ignorable(c)) return !is_cased(c);
  }
  return true;
}

}  // namespace

std::optional<std::size_t> first_invalid(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = well_formed_length(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

std::size_t boundary_before(std::string_view text, std::size_t at) {
  std::size_t out = at;
  for (int i = 0; i < 3 && out > 0 && out < text.size() && continues(text, out); ++i) --out;
  return out;
}

std::size_t char_length(std::string_view text, std::size_t at) {
  const unsigned lead = byte_at(text, at);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  return std::min(length, text.size() - at);
}

std::vector<std::string_view> chars(std::string_view text) {
  std::vector<std::string_view> out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); at += out.back().size()) {
    out.push_back(text.substr(at, char_length(text, at)));
  }
  return out;
}

char32_t decode(std::string_view character) {
  if (character.empty()) return 0;
  const unsigned lead = byte_at(character, 0);
  const std::size_t length = char_length(character, 0);
  if (length == 1) return lead;
  char32_t c = lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) c = c << 6 | (byte_at(character, i) & 0x3f);
  return c;
}

void append(std::string& out, char32_t code_point) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3f));
  } else {
    put(0xf0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3f));
    put(0x80 | (code_point >> 6 & 0x3f));
  }
  put(0x80 | (code_point & 0x3f));
}

std::string lowercase(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    at += append_lower(out, text, at);
  }
  return out;
}

std::size_t append_lower(std::string& out, std::string_view text, std::size_t at) {
  constexpr char32_t kDottedI = 0x130;
  constexpr char32_t kSigma = 0x3a3;
  const std::size_t length = char_length(text, at);
  const char32_t c = decode(text.substr(at, length));
  if (c == kDottedI) {
    out += "i\u0307";
  } else if (c == kSigma) {
    out += is_final_sigma(text, at, length) ? "\u03c2" : "\u03c3";
  } else {
    append(out, to_lower(c));
  }
  return length;
}

bool separates_words(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (separates_words(line[at])) continue;
    const std::size_t begin = at;
    while (at < line.size() && !separates_words(line[at])) ++at;
    out.push_back(line.substr(begin, at - begin));
  }
  return out;
}

bool is_letter_or_mark(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return !contains(kNoLetters, c);
}

bool is_punctuation(char32_t c) {
  if (c >= 0x80) return contains(kPunctuation, c);
  return c != 0 && std::string_view("!\"#%&'()*,-./:;?@[\\]_{}").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_symbol(char32_t c) {
  if (c >= 0x80) return contains(kSymbols, c);
  return c != 0 && std::string_view("$+<=>^`|~").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_number(char32_t c) { return c < 0x80 ? c >= '0' && c <= '9' : contains(kNumbers, c); }

bool is_format(char32_t c) { return c >= 0x80 && contains(kFormat, c); }

bool is_zero_width(char32_t c) { return c >= 0x300 && contains(kZeroWidth, c); }

bool is_digit(char32_t c) { return c < 0x80 ? c >= '0' && c <= '9' : contains(kDigits, c); }

bool is_space(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool is_blank(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = char_length(text, at);
    if (!is_space(decode(text.substr(at, length)))) return false;
    at += length;
  }
  return true;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = char_length(text, at);
    const char32_t c = decode(text.substr(at, length));
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    width += control || is_zero_width(c) ? 0u : c >= 0x1100 && contains(kWide, c) ? 2u : 1u;
    at += length;
  }
  return width;
}

}  // namespace heed::utf8
