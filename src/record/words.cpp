#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/record/translation.h"
#include "heed/text/spelling.h"

namespace heed {
namespace {

/// A token that stands for a space alone is no part of a word.
WordTokens word_tokens(const std::string& text, const std::vector<std::string>& tokens,
                       const std::vector<ByteRange>& ranges) {
  if (!ranges.empty()) return tokens_of_words(text, ranges);
  WordTokens out;
  const std::vector<int> words = words_by_spelling(text, tokens);
  for (std::size_t t = 0; t < words.size(); ++t) {
    if (words[t] < 0 || is_space(tokens[t])) continue;
    const auto word = static_cast<std::size_t>(words[t]);
    if (out.size() <= word) out.resize(word + 1);
    out[word].push_back(static_cast<int>(t));
  }
  return out;
}

}  // namespace

std::vector<int> words_of(const std::string& text, const std::vector<std::string>& tokens,
                          std::span<const ByteRange> ranges) {
  if (ranges.empty()) return words_by_spelling(text, tokens);
  const WordTokens all = tokens_of_words(text, ranges);
  std::vector<int> out(tokens.size(), -1);
  for (std::size_t word = all.size(); word-- > 0;) {
    for (const int token : all[word]) out[token] = static_cast<int>(word);
  }
  // A space, or a token without text, is of the word that comes next.
  int next = std::max(static_cast<int>(all.size()) - 1, 0);
  for (std::size_t t = tokens.size(); t-- > 0;) {
    if (out[t] >= 0) {
      next = out[t];
    } else if (!is_eos(tokens, t)) {
      out[t] = next;
    }
  }
  return out;
}

std::vector<Link> align_words(const Translated& translated, const Translation& translation) {
  const WordTokens source = word_tokens(translated.source, translated.source_tokens, translated.source_ranges);
  const WordTokens target = word_tokens(translation.text, translation.tokens, translation.ranges);
  if (source.empty() || target.empty()) return {};
  const AttentionWeights& attention = translation.attention;
  const std::size_t columns = attention.empty() ? 0 : attention.front().size();
  if (attention.size() != translation.tokens.size() || columns != translated.source_tokens.size()) {
    throw Error(
        ErrorKind::kArgument,
        fmt::format("attention is [{}, {}], but {} target and {} source tokens (EOS included) are to be aligned",
                    attention.size(), columns, translation.tokens.size(), translated.source_tokens.size()));
  }
  return align_words(source, target, attention);
}

}  // namespace heed
