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
  /// What a sentence adds.
  struct Sentence {
    double entropy = 0;
    double maximum = 0;
    double told = 0;
    double most_told = 0;
    long positions = 0;
  };
  /// Of its weights, [target tokens][source tokens].
  static Sentence of(const std::vector<std::vector<float>>& weights);
  void add_sentence(const Sentence& sentence);
  void add(const std::vector<std::vector<float>>& weights) { add_sentence(of(weights)); }

  /// Mean over target positions, bits; 0 if there were none.
  double entropy() const { return mean(sum_.entropy); }
  /// The mean of the maximal entropy: the logarithm of the number of source tokens.
  double maximum() const { return mean(sum_.maximum); }
  /// Mutual information of target and source position, as a share of its maximum: from 0, all target positions of a
  /// sentence attend alike, to 1, each to its own source positions.
  double movement() const { return sum_.most_told > 0 ? sum_.told / sum_.most_told : 0; }

 private:
  double mean(double sum) const { return sum_.positions > 0 ? sum / static_cast<double>(sum_.positions) : 0; }

  Sentence sum_;
};

}  // namespace heed
