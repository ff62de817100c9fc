#include "heed/translate/attention_statistics.h"

#include <algorithm>
#include <cmath>

namespace heed {

double entropy_bits(std::span<const float> weights) {
  double bits = 0;
  for (const float weight : weights) {
    if (weight > 0) bits -= static_cast<double>(weight) * std::log2(static_cast<double>(weight));
  }
  return bits;
}

AttentionStatistics::Sentence AttentionStatistics::of(const std::vector<std::vector<float>>& weights) {
  if (weights.empty()) return {};
  const auto targets = static_cast<double>(weights.size());
  const auto sources = static_cast<double>(weights.front().size());
  std::vector<float> together(weights.front().size());
  double entropy = 0;
  for (const std::vector<float>& row : weights) {
    entropy += entropy_bits(row);
    for (std::size_t s = 0; s < row.size(); ++s) together[s] += row[s] / static_cast<float>(targets);
  }
  return {entropy, targets * std::log2(sources), std::max(0.0, targets * entropy_bits(together) - entropy),
          targets * std::log2(std::min(sources, targets)), static_cast<long>(weights.size())};
}

void AttentionStatistics::add_sentence(const Sentence& sentence) {
  sum_.entropy += sentence.entropy;
  sum_.maximum += sentence.maximum;
  sum_.told += sentence.told;
  sum_.most_told += sentence.most_told;
  sum_.positions += sentence.positions;
}

}  // namespace heed
