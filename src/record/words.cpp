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

/// The mean over the layers and heads that are chosen.
AttentionWeights mean_attention(const AttentionLayers& layers, const AttentionChoice& choice) {
  AttentionWeights out;
  float count = 0;
  const auto add = [&](const AttentionWeights& weights) {
    if (count++ == 0) {
      out = weights;
      return;
    }
    for (std::size_t t = 0; t < out.size(); ++t) {
      for (std::size_t s = 0; s < out[t].size(); ++s) out[t][s] += weights[t][s];
    }
  };
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (choice.layer > 0 && l + 1 != static_cast<std::size_t>(choice.layer)) continue;
    for (std::size_t h = 0; h < layers[l].size(); ++h) {
      if (choice.head == 0 || h + 1 == static_cast<std::size_t>(choice.head)) add(layers[l][h]);
    }
  }
  if (count == 0) throw Error(ErrorKind::kArgument, "the attention has no such layer or head");
  for (std::vector<float>& row : out) {
    for (float& weight : row) weight /= count;
  }
  return out;
}

AttentionWeights chosen(const Translation& translation, const AttentionChoice& choice) {
  const bool whole = choice.layer == 0 && choice.head == 0;
  AttentionWeights out = whole ? translation.attention : mean_attention(translation.attention_layers, choice);
  if (choice.shift == 0 || out.empty()) return out;
  const auto steps = static_cast<std::size_t>(choice.shift);
  const auto share = static_cast<float>(choice.shift - static_cast<double>(steps));
  const std::size_t last = out.size() - 1;
  for (std::size_t t = 0; t <= last; ++t) {  // what is read stands at t or later
    const std::vector<float>& one = out[std::min(t + steps, last)];
    const std::vector<float>& next = out[std::min(t + steps + 1, last)];
    for (std::size_t s = 0; s < out[t].size(); ++s) out[t][s] = (1 - share) * one[s] + share * next[s];
  }
  return out;
}

}  // namespace

std::size_t tokens_of_text(const Translated& translated) {
  const std::size_t all = translated.source_tokens.size();
  return all > 0 && is_eos(translated.source_tokens, all - 1) ? all - 1 : all;
}

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

WordAttention word_attention(const Translated& translated, const Translation& translation,
                             const AttentionChoice& choice) {
  const WordTokens source = word_tokens(translated.source, translated.source_tokens, translated.source_ranges);
  const WordTokens target = word_tokens(translation.text, translation.tokens, translation.ranges);
  if (source.empty() || target.empty()) return attention_of_words(source, target, {});
  const AttentionWeights attention = chosen(translation, choice);
  const std::size_t columns = attention.empty() ? 0 : attention.front().size();
  if (attention.size() != translation.tokens.size() || columns != translated.source_tokens.size()) {
    throw Error(
        ErrorKind::kArgument,
        fmt::format("attention is [{}, {}], but {} target and {} source tokens (EOS included) are to be aligned",
                    attention.size(), columns, translation.tokens.size(), translated.source_tokens.size()));
  }
  return attention_of_words(source, target, attention);
}

std::vector<Link> align_words(const Translated& translated, const Translation& translation) {
  return align_words(word_attention(translated, translation));
}

}  // namespace heed
