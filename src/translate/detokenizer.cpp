#include "detokenizer.h"

#include <algorithm>

#include "heed/translate/dictionary.h"

namespace heed {
namespace {

bool is_mark(int id) { return id == Vocabulary::kBegin || id == Vocabulary::kEnd; }

/// From the order in which the model writes to that of the text.
void turn(const TextOptions& options, Hypothesis& hypothesis) {
  const std::ptrdiff_t marks = !hypothesis.tokens.empty() && hypothesis.tokens.back() == Vocabulary::kEnd ? 1 : 0;
  options.turn(hypothesis.tokens, marks);
  options.turn(hypothesis.copied, marks);
  options.turn(hypothesis.token_log_probabilities, marks);
  options.turn(hypothesis.attention, marks);
}

}  // namespace

Translation Detokenizer::translation(Hypothesis hypothesis, std::span<const LayersOfModel> models) const {
  turn(side_.options(), hypothesis);
  Translation out;
  std::vector<std::string> words;
  std::vector<bool> has_text;
  const std::vector<std::optional<Replacement>> replaced = replacements(hypothesis);
  for (std::size_t t = 0; t < hypothesis.tokens.size(); ++t) {
    // Of several <unk> in a row for one phrase the first has its translation.
    const bool again = t > 0 && replaced[t] && replaced[t - 1] && replaced[t]->first < replaced[t]->last &&
                       replaced[t]->first == replaced[t - 1]->first && replaced[t]->last == replaced[t - 1]->last;
    out.tokens.push_back(replaced[t] && !again ? replaced[t]->token : token(hypothesis.tokens[t]));
    has_text.push_back(!is_mark(hypothesis.tokens[t]) && !again);
    if (has_text.back()) words.push_back(out.tokens.back());
  }
  Joined joined = side_.join_pieces(words);
  out.text = std::move(joined.text);
  auto range = joined.ranges.begin();
  for (const bool has : has_text) out.ranges.push_back(has ? *range++ : ByteRange());
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

/// Each <unk> stands for the source token with the largest weight, EOS aside.
std::vector<std::optional<Replacement>> Detokenizer::replacements(const Hypothesis& hypothesis) const {
  std::vector<std::optional<Replacement>> out(hypothesis.tokens.size());
  if (!options_.replace_unknown) return out;
  for (std::size_t t = 0; t < out.size(); ++t) {
    if (hypothesis.tokens[t] != Vocabulary::kUnknown) continue;
    const std::vector<float>& weights = hypothesis.attention[t].mean;
    const auto words = static_cast<std::ptrdiff_t>(tokens_of_text(source_));
    const auto most = std::max_element(weights.begin(), weights.begin() + words) - weights.begin();
    out[t] = replacement_of(source_, static_cast<std::size_t>(most), side_, options_.dictionary.get());
  }
  return out;
}

}  // namespace heed
