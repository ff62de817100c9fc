#include "bleu_tokenizers.h"

#include <algorithm>

#include "heed/base/replace_all.h"
#include "heed/base/unicode_categories.h"
#include "heed/base/utf8.h"
#include "heed/metrics/bleu.h"
#include "words.h"

namespace heed {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_stop(char c) { return c == '.' || c == ','; }

/// ASCII punctuation that always stands alone: all but apostrophe, comma, full stop and hyphen.
bool is_symbol(char c) {
  return (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') || c == '/' || (c >= ':' && c <= '@') ||
         (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

std::string isolate_symbols(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (is_symbol(c)) {
      out += {' ', c, ' '};
    } else {
      out += c;
    }
  }
  return out;
}

/// Rewrites, from the left and without overlap, each pair of neighbours of which `applies` is true. The rules of
/// mteval look at bytes below 0x80 or at "no digit", so that pairs of bytes serve as well as pairs of characters.
template <typename Applies, typename Rewrite>
std::string rewrite_pairs(const std::string& text, Applies applies, Rewrite rewrite) {
  std::string out;
  std::size_t at = 0;
  while (at + 1 < text.size()) {
    if (applies(text[at], text[at + 1])) {
      rewrite(out, text[at], text[at + 1]);
      at += 2;
    } else {
      out += text[at++];
    }
  }
  out.append(text, at);
  return out;
}

}  // namespace

std::string tokenize_western(const std::string& line, bool possessive) {
  std::string text = isolate_symbols(line);
  if (possessive) replace_all(text, "'s ", " 's ");
  const auto separate_second = [](std::string& out, char a, char b) { out += {a, ' ', b, ' '}; };
  const auto separate_first = [](std::string& out, char a, char b) { out += {' ', a, ' ', b}; };
  // A full stop or comma stays in a word only between digits; a hyphen leaves a digit before it.
  text = rewrite_pairs(
      text, [](char a, char b) { return !is_digit(a) && is_stop(b); }, separate_second);
  text = rewrite_pairs(
      text, [](char a, char b) { return is_stop(a) && !is_digit(b); }, separate_first);
  return rewrite_pairs(
      text, [](char a, char b) { return is_digit(a) && b == '-'; }, separate_second);
}

void unescape(std::string& text) {
  replace_all(text, "&quot;", "\"");
  replace_all(text, "&amp;", "&");
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
}

std::string tokenize_13a(const std::string& line) {
  std::string text = " " + line + " ";
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  replace_all(text, "\n", " ");
  unescape(text);
  return join(split_words(tokenize_western(text)), " ");
}

namespace {

std::string tokenize_none(const std::string& line) { return join(split_words(line), " "); }

std::string tokenize_characters(const std::string& line) {
  std::string out;
  for (const std::string_view character : utf8::chars(line)) out.append(character).append(" ");
  return join(split_words(out), " ");
}

using Characters = std::vector<char32_t>;

/// rewrite_pairs() for characters: each pair is set apart by blanks, those before and behind it where asked for.
template <typename Applies>
Characters separate_pairs(const Characters& text, Applies applies, bool before, bool behind) {
  Characters out;
  std::size_t at = 0;
  while (at + 1 < text.size()) {
    if (!applies(text[at], text[at + 1])) {
      out.push_back(text[at++]);
      continue;
    }
    if (before) out.push_back(' ');
    out.insert(out.end(), {text[at], ' ', text[at + 1]});
    if (behind) out.push_back(' ');
    at += 2;
  }
  if (at < text.size()) out.push_back(text[at]);
  return out;
}

/// The line without the blanks at its end, where mteval-v14.pl lets a full stop stay with a number.
std::string_view strip_end(std::string_view line) {
  const std::string_view words = strip(line);
  return line.substr(0, words.empty() ? 0 : static_cast<std::size_t>(words.data() - line.data()) + words.size());
}

/// mteval-v14.pl: punctuation stands alone but between numbers, symbols always do.
std::string tokenize_international(const std::string& line) {
  Characters text;
  for (const std::string_view character : utf8::chars(strip_end(line))) text.push_back(utf8::decode(character));
  text = separate_pairs(
      text, [](char32_t a, char32_t b) { return !utf8::is_number(a) && utf8::is_punctuation(b); }, false, true);
  text = separate_pairs(
      text, [](char32_t a, char32_t b) { return utf8::is_punctuation(a) && !utf8::is_number(b); }, true, false);
  std::string out;
  for (const char32_t c : text) {
    const bool symbol = utf8::is_symbol(c);
    if (symbol) out += ' ';
    utf8::append(out, c);
    if (symbol) out += ' ';
  }
  return join(split_words(out), " ");
}

/// What sacreBLEU takes for Chinese: as its table compares, beyond the ideographs all from U+2001 to U+2A6D, and
/// nothing past U+FFFF.
bool is_chinese(char32_t c) {
  struct Range {
    char32_t first, last;
  };
  constexpr Range kRanges[] = {{0x2001, 0x2a6d}, {0x2e80, 0x2eff}, {0x2f00, 0x2fdf}, {0x2ff0, 0x303f},
                               {0x3100, 0x312f}, {0x31a0, 0x31bf}, {0x31c0, 0x31ef}, {0x3200, 0x33ff},
                               {0x3400, 0x4db5}, {0x4e00, 0x9fbb}, {0xf900, 0xfa2d}, {0xfa30, 0xfa6a},
                               {0xfa70, 0xfad9}, {0xfe10, 0xfe1f}, {0xfe30, 0xfe4f}, {0xff00, 0xffef}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [c](const Range& range) { return range.first <= c && c <= range.last; });
}

std::string tokenize_chinese(const std::string& line) {
  std::string out;
  for (const std::string_view character : utf8::chars(strip(line))) {
    const bool alone = is_chinese(utf8::decode(character));
    out.append(alone ? " " : "").append(character).append(alone ? " " : "");
  }
  return join(split_words(tokenize_western(out)), " ");
}

}  // namespace

const std::vector<BleuTokenizer>& bleu_tokenizer_table() {
  static const std::vector<BleuTokenizer> all = {{"13a", tokenize_13a},
                                                 {"none", tokenize_none},
                                                 {"char", tokenize_characters},
                                                 {"intl", tokenize_international},
                                                 {"zh", tokenize_chinese}};
  return all;
}

}  // namespace heed
