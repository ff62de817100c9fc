#include "heed/translate/align.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "heed/base/error.h"

namespace heed {
namespace {

void check(const AlignOptions& options) {
  const auto between_0_and = [](int most, const char* name, double value) {
    if (value >= 0 && value <= most) return;
    throw UsageError(fmt::format("{} is {}; it must lie between 0 and {}", name, value, most));
  };
  between_0_and(1, "threshold", options.threshold);
  between_0_and(2, "shift", options.choice.shift);
}

/// Adds `share` of `other` to `sum`, [target words][source words]. A model may lack rows and columns of the last words,
/// which have no tokens in it (a U+3000 alone); those that `sum` lacks are left out.
void add_share(WordAttention& sum, const WordAttention& other, float share) {
  if (sum.weights.empty()) {
    sum.weights.assign(other.weights.size(), std::vector<float>(other.weights.empty() ? 0 : other.weights[0].size()));
    sum.eos.assign(other.eos.size(), 0);
  }
  for (std::size_t j = 0; j < std::min(sum.weights.size(), other.weights.size()); ++j) {
    for (std::size_t i = 0; i < std::min(sum.weights[j].size(), other.weights[j].size()); ++i)
      sum.weights[j][i] += share * other.weights[j][i];
  }
  for (std::size_t j = 0; j < std::min(sum.eos.size(), other.eos.size()); ++j) sum.eos[j] += share * other.eos[j];
}

/// What a model of the other direction says, turned round.
AlignedPair turned(AlignedPair aligned) {
  for (Link& link : aligned.links) std::swap(link.source, link.target);
  const std::size_t columns = aligned.weights.size();
  const std::size_t rows = columns == 0 ? 0 : aligned.weights.front().size();
  AttentionWeights weights(rows, std::vector<float>(columns));
  for (std::size_t j = 0; j < rows; ++j) {
    for (std::size_t i = 0; i < columns; ++i) weights[j][i] = aligned.weights[i][j];
  }
  aligned.weights = std::move(weights);
  return aligned;
}

}  // namespace

std::vector<AlignedPair> align_pairs(std::span<const Bundle> bundles, std::span<const SentencePair> pairs,
                                     const AlignOptions& options, const EnsembleOptions& ensemble) {
  check(options);
  const std::vector<float> shares = ensemble.shares(bundles.size());
  std::vector<WordAttention> attention(pairs.size());
  for (std::size_t m = 0; m < bundles.size(); ++m) {
    const std::vector<Translated> scored = score_pairs(bundles[m], pairs, options.score);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (m == 0 && options.on_scored) options.on_scored(scored[i]);
      add_share(attention[i], word_attention(scored[i], scored[i].translations.front(), options.choice), shares[m]);
    }
  }
  std::vector<AlignedPair> out;
  for (WordAttention& each : attention) {
    std::vector<Link> links = align_words(each, static_cast<float>(options.threshold));
    out.push_back({std::move(links), std::move(each.weights)});
  }
  return out;
}

std::vector<AlignedPair> align_reversed(std::span<const Bundle> bundles, std::span<const SentencePair> pairs,
                                        const AlignOptions& options, const EnsembleOptions& ensemble) {
  std::vector<SentencePair> back;
  for (const SentencePair& pair : pairs) back.push_back(reversed(pair));
  AlignOptions how = options;
  std::swap(how.score.source_name, how.score.target_name);
  std::vector<AlignedPair> out = align_pairs(bundles, back, how, ensemble);
  for (AlignedPair& each : out) each = turned(std::move(each));
  return out;
}

void symmetrize_pairs(std::span<AlignedPair> forward, std::span<const AlignedPair> backward, Symmetrization how) {
  for (std::size_t p = 0; p < std::min(forward.size(), backward.size()); ++p) {
    AlignedPair& pair = forward[p];
    const AlignedPair& other = backward[p];
    pair.links = symmetrized(pair.links, other.links, how);
    for (std::size_t j = 0; j < std::min(pair.weights.size(), other.weights.size()); ++j) {
      const std::size_t columns = std::min(pair.weights[j].size(), other.weights[j].size());
      for (std::size_t i = 0; i < columns; ++i) pair.weights[j][i] = (pair.weights[j][i] + other.weights[j][i]) / 2;
    }
  }
}

}  // namespace heed
