#include "detokenizer.h"

#include <algorithm>

#include "heed/translate/dictionary.h"

namespace heed {
namespace {

bool is_mark(int id) { return id == Vocabulary::kBegin || id == Vocabulary::kEnd; }

}  // namespace

Translation Detokenizer::translation(Hypothesis hypothesis, std::span<const LayersOfModel> models) const {
  Translation out;
  std::vector<std::string> words;
  for (std::size_t t = 0; t < hypothesis.tokens.size(); ++t) {
    out.tokens.push_back(word(hypothesis, t));
    if (!is_mark(hypothesis.tokens[t])) words.push_back(out.tokens.back());
  }
  Joined joined = side_.join_pieces(words);
  out.text = std::move(joined.text);
  auto range = joined.ranges.begin();
  for (const int id : hypothesis.tokens) out.ranges.push_back(is_mark(id) ? ByteRange() : *range++);
  if (extended_ != nullptr) {
    out.copied.emplace();
    for (std::size_t t = 0; t < hypothesis.copied.size(); ++t) {
      if (hypothesis.copied[t]) out.copied->push_back(static_cast<int>(t));
    }
  }
  out.cut = hypothesis.cut;
  out.score = hypothesis.score;
  if (options_.token_scores) {
    out.log_probabilities.assign(hypothesis.token_log_probabilities.begin(), hypothesis.token_log_probabilities.end());
  }
  out.log_probability = hypothesis.log_probability;
  if (!options_.attention) return out;
  for (AttentionRow& row : hypothesis.attention) add_attention(std::move(row), models, out);
  return out;
}

std::string Detokenizer::word(const Hypothesis& hypothesis, std::size_t t) const {
  const int id = hypothesis.tokens[t];
  if (id == Vocabulary::kUnknown && options_.replace_unknown) return replacement(hypothesis.attention[t].mean);
  return token(id);
}

/// The source token with the largest weight, EOS aside, or what the dictionary has for it.
std::string Detokenizer::replacement(const std::vector<float>& attention) const {
  const auto words = static_cast<std::ptrdiff_t>(source_tokens_.size()) - 1;
  const auto most = std::max_element(attention.begin(), attention.begin() + words) - attention.begin();
  const std::string& token = source_tokens_[static_cast<std::size_t>(most)];
  return options_.dictionary == nullptr ? token : options_.dictionary->translate(token);
}

}  // namespace heed
