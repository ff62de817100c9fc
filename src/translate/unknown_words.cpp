#include "unknown_words.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "heed/base/utf8.h"
#include "heed/text/escapes.h"

namespace heed {
namespace {

// Places where a phrase is let begin or end: one for each word, and one for a blank that is a token of its own.
constexpr std::size_t kMostPlaces = 2 * Dictionary::kMostWords;

bool is_word_at(const std::string& text, std::size_t at) {
  const char32_t c = utf8::decode(std::string_view(text).substr(at, utf8::char_length(text, at)));
  return utf8::is_letter_or_mark(c) || utf8::is_digit(c);
}

/// The marks by which the tokens of a phrase are joined to those around it.
std::string with_marks(const std::string& translation, std::string_view first, std::string_view last) {
  std::string out;
  for (const std::string_view mark : {kJoiner, kSpaceMark}) {
    if (out.empty() && first.starts_with(mark)) out = mark;
  }
  out += translation;
  if (last.ends_with(kJoiner)) out += kJoiner;
  return out;
}

}  // namespace

bool between_words(const std::string& text, std::size_t at) {
  if (at == 0 || at >= text.size()) return true;
  return !is_word_at(text, at) || !is_word_at(text, utf8::boundary_before(text, at - 1));
}

Replacement replacement_of(const Translated& source, std::size_t most, const TextSide& side,
                           const Dictionary* dictionary) {
  const std::vector<std::string>& tokens = source.source_tokens;
  if (dictionary == nullptr) return {tokens[most], most, most};
  const std::vector<ByteRange>& ranges = source.source_ranges;
  Replacement best{dictionary->translate(tokens[most]), most, most};
  std::size_t bytes = 0;  // of the phrase so far
  const std::size_t words = tokens_of_text(source);
  std::size_t begins = 0;
  for (std::size_t first = most + 1; first-- > 0;) {
    if (ranges[most].end - ranges[first].begin > 4 * dictionary->longest() + 4) break;
    if (!between_words(source.source, ranges[first].begin)) continue;
    if (++begins > kMostPlaces) break;
    std::size_t ends = 0;
    for (std::size_t last = most; last < words; ++last) {
      if (!between_words(source.source, ranges[last].end)) continue;
      if (++ends > kMostPlaces) break;
      const std::string phrase = side.join(std::span(tokens).subspan(first, last - first + 1));
      if (phrase.size() > dictionary->longest()) break;
      if (phrase.size() <= bytes) continue;
      const std::string* translation = dictionary->find(phrase);
      if (translation == nullptr) continue;
      bytes = phrase.size();
      best = {with_marks(*translation, tokens[first], tokens[last]), first, last};
    }
  }
  return best;
}

}  // namespace heed
