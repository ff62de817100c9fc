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

void AttentionStatistics::add(const std::vector<std::vector<float>>& weights) {
  if (weights.empty()) return;
  const auto targets = static_cast<double>(weights.size());
  const auto sources = static_cast<double>(weights.front().size());
  std::vector<float> together(weights.front().size());
  double entropy = 0;
  for (const std::vector<float>& row : weights) {
    entropy += entropy_bits(row);
    for (std::size_t s = 0; s < row.size(); ++s) together[s] += row[s] / static_cast<float>(targets);
  }
  entropy_ += entropy;
  maximum_ += targets * std::log2(sources);
  told_ += std::max(0.0, targets * entropy_bits(together) - entropy);
  most_told_ += targets * std::log2(std::min(sources, targets));
  positions_ += static_cast<long>(weights.size());
}

}  // namespace heed
