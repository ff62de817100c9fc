#pragma once
#include <functional>
#include <span>
#include <vector>

#include "heed/base/rng.h"
#include "heed/model/batch.h"
#include "heed/train/updater.h"

namespace heed {

/// Translations of the sentences of a batch, each once.
struct RiskCandidates {
  std::vector<std::span<const int>> sources;   ///< of each candidate
  std::vector<std::span<const int>> features;  ///< likewise (SourceIds)
  std::vector<std::vector<int>> targets;
  std::vector<int> sentence;  ///< ascending
  std::vector<double> cost;   ///< from 0, the best, to 1

  std::size_t size() const { return targets.size(); }
};

/// Draws a number of targets for each source from the model's probabilities, of twice the reference's tokens and 10 at
/// most, or takes the best ones of beam search.
RiskCandidates draw_candidates(const Seq2Seq& model, const SourceIds& sources, Sequences references,
                               const RiskTerm& risk, Rng& rng);

/// The risk of the candidates under the model, sum over sentences of sum_y Q(y) cost(y) with
/// Q(y) = p(y)^sharpness / sum over the sentence's candidates (Shen et al. 2016, equations 9 to 11), and, for each
/// candidate, the factor of its cross-entropy that has the gradient of the risk.
struct RiskFactors {
  double risk = 0;
  std::vector<float> factors;
};
RiskFactors risk_factors(const RiskCandidates& candidates, std::span<const double> log_probability, double sharpness);

}  // namespace heed
