#pragma once
#include <span>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Entropy of a row of weights, in bits.
double entropy_bits(std::span<const float> weights);

/// How sharp attention is, and how much it moves, over the target positions of many sentences. Of several layers or
/// heads it is their mean.
class AttentionStatistics {
 public:
  /// Weights of a sentence, [target tokens][source tokens].
  void add(const std::vector<std::vector<float>>& weights);

  /// Mean over target positions, bits; 0 if there were none.
  double entropy() const { return mean(entropy_); }
  /// The mean of the maximal entropy: the logarithm of the number of source tokens.
  double maximum() const { return mean(maximum_); }
  /// Mutual information of target and source position, as a share of its maximum: from 0, all target positions of a
  /// sentence attend alike, to 1, each to its own source positions.
  double movement() const { return most_told_ > 0 ? told_ / most_told_ : 0; }

 private:
  double mean(double sum) const { return positions_ > 0 ? sum / static_cast<double>(positions_) : 0; }

  double entropy_ = 0;
  double maximum_ = 0;
  double told_ = 0;
  double most_told_ = 0;
  long positions_ = 0;
};

}  // namespace heed
