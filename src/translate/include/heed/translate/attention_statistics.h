#pragma once
#include <span>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Entropy of a row of weights, in bits.
double entropy_bits(std::span<const float> weights);

/// How sharply, and at how many different places, a model looks, over the target positions of many sentences. Of
/// several layers or heads it is their mean that is looked at.
class AttentionStatistics {
 public:
  /// Weights of a sentence, [target tokens][source tokens].
  void add(const std::vector<std::vector<float>>& weights);

  /// Mean over target positions, bits; 0 if there were none.
  double entropy() const { return mean(entropy_); }
  /// The mean of what the entropy could be at most: the logarithm of the number of source tokens.
  double maximum() const { return mean(maximum_); }
  /// From 0, every target position of a sentence looks alike, to 1, each at places of its own: what a target position
  /// tells of the source position (mutual information), as a share of what it could tell.
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
