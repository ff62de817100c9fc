#pragma once
#include "heed/kernels/attention.h"

// Coverage of each source position, carried from step to step (Tu et al. 2016). Letters: F values of each position.
namespace heed {

/// Where x is less, a fertility is next to nothing: 1 / sigmoid(x) stays finite and constant.
constexpr float kLeastFertile = -30;

/// covered[r, s] = weights[r, s] / fertility, fertility = largest * sigmoid(x[sentence(r), s]) (equations 9 and 10);
/// x [sum of S, 1]. covered must be 0 beforehand.
void add_covered(const Pairing& pairing, const Tensor& weights, const Tensor& x, float largest, const Tensor& covered);
struct CoveredGradients {
  Tensor covered;  ///< in: d loss / d covered
  Tensor weights;  ///< added to
  Tensor x;        ///< added to
};
void covered_backward(const Pairing& pairing, const Tensor& weights, const Tensor& x, float largest,
                      const CoveredGradients& gradients);

/// Inputs of a step of gated coverage (equation 8 with gates); see gated_coverage().
struct GatedCoverage {
  Tensor weights;          ///< [rows, longest] attention of this step
  Tensor previous;         ///< [rows, longest * F] coverage before it, position s at columns [s F, (s + 1) F)
  Tensor query;            ///< [rows, 3F] projected decoder state: update, reset, candidate
  Tensor positions;        ///< [sum of S, 3F] projected encoder state, with the bias
  const float* of_weight;  ///< [3F] factor of the weight
  Tensor recurrent;        ///< [F, 3F]
};
/// For each position, with x = query + positions + weight * of_weight (the GRU of Cho et al. 2014):
///   z, r = sigmoid(x + C' U)   update, reset
///   n    = tanh(x + (r * C') U)
///   C    = (1 - z) * C' + z * n
/// gates [rows, longest * 3F] keeps z, r, n for the backward pass.
void gated_coverage(const Pairing& pairing, const GatedCoverage& in, const Tensor& gates, const Tensor& coverage);
struct GatedCoverageGradients {
  Tensor coverage;  ///< in: d loss / d coverage
  Tensor weights;   ///< added to, as the others
  Tensor previous;
  Tensor query;
  Tensor positions;
  float* of_weight;
  Tensor recurrent;
};
void gated_coverage_backward(const Pairing& pairing, const GatedCoverage& in, const Tensor& gates,
                             const GatedCoverageGradients& gradients);

}  // namespace heed
