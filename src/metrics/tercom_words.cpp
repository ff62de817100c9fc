#include "tercom_words.h"

#include <algorithm>
#include <vector>

#include "bleu_tokenizers.h"
#include "heed/base/utf8.h"
#include "words.h"

namespace heed {

namespace {

struct Range {
  char32_t first, last;
};

template <std::size_t N>
bool contains(const Range (&ranges)[N], char32_t c) {
  return std::any_of(ranges, ranges + N, [c](const Range& range) { return range.first <= c && c <= range.last; });
}

/// Ideographs, strokes, radicals, compatibility forms and, as sacreBLEU's table ends, enclosed letters up to U+3F22.
/// Kana do not stand alone: Tercom's rules for them match nothing where a line begins with a blank, as here.
constexpr Range kIdeographs[] = {{0x2e80, 0x2eff}, {0x31c0, 0x31ef}, {0x3200, 0x3f22}, {0x3400, 0x4dbf},
                                 {0x4e00, 0x9fff}, {0xf900, 0xfaff}, {0xfe30, 0xfe4f}};
constexpr Range kPunctuation[] = {{0x3001, 0x3002}, {0x3008, 0x3011}, {0x3014, 0x301f}, {0x30fb, 0x30fb},
                                  {0xff01, 0xff02}, {0xff08, 0xff09}, {0xff0c, 0xff0c}, {0xff0e, 0xff0e},
                                  {0xff1a, 0xff1b}, {0xff1f, 0xff1f}, {0xff61, 0xff65}};

/// Each character that `applies` to becomes what `rewrite` makes of it.
template <typename Applies, typename Rewrite>
std::string rewrite_characters(std::string_view text, Applies applies, Rewrite rewrite) {
  std::string out;
  for (const std::string_view character : utf8::chars(text)) {
    if (applies(utf8::decode(character))) {
      rewrite(out, character);
    } else {
      out += character;
    }
  }
  return out;
}

std::string normalized(std::string text, bool asian) {
  unescape(text);
  text = tokenize_western(" " + text + " ", true);
  if (!asian) return text;
  const auto alone = [](char32_t c) { return contains(kIdeographs, c) || contains(kPunctuation, c); };
  return rewrite_characters(
      text, alone, [](std::string& out, std::string_view character) { out.append(" ").append(character).append(" "); });
}

std::string without_punctuation(const std::string& text, bool asian) {
  const auto goes = [asian](char32_t c) {
    return std::u32string_view(U".,?:;!\"()").find(c) != std::u32string_view::npos ||
           (asian && contains(kPunctuation, c));
  };
  return rewrite_characters(text, goes, [](std::string&, std::string_view) {});
}

}  // namespace

std::string tercom_text(std::string_view line, const TerOptions& options) {
  std::string text = options.case_sensitive ? std::string(line) : utf8::lowercase(line);
  if (options.normalized) text = normalized(std::string(strip(text)), options.asian_support);
  return options.no_punct ? without_punctuation(text, options.asian_support) : text;
}

}  // namespace heed
