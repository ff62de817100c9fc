#pragma once
#include "heed/kernels/attention.h"

// The additive score with features of each pair of a row and a position, such as its coverage or the previous weights
// around it. Letters: F features of each pair, A width of the score.
namespace heed {

/// The plain additive score.
struct AdditivePairs {
  Tensor query;    ///< [rows, A]
  Tensor keys;     ///< [sum of S, A]
  const float* v;  ///< [A]
};
/// Features of each pair, and their weights inside tanh. Both empty: none.
struct PairFeatures {
  Tensor values;   ///< [rows, longest * F] position s of a row at columns [s F, (s + 1) F)
  Tensor weights;  ///< [F, A]
};

/// scores[r, s] = v . tanh(query[r] + keys[sentence(r), s] + sum over f of values[r, s, f] * weights[f])
void pair_scores(const Pairing& pairing, const AdditivePairs& pairs, const PairFeatures& features,
                 const Tensor& scores);

struct PairGradients {
  Tensor scores;  ///< in: d loss / d scores
  Tensor query;   ///< added to, as the others
  Tensor keys;
  float* v;
  PairFeatures features;  ///< empty if the features are
};
/// Recomputes tanh instead of storing [rows, longest, A] floats for every step.
void pair_scores_backward(const Pairing& pairing, const AdditivePairs& pairs, const PairFeatures& features,
                          const PairGradients& gradients);

/// v . tanh(query + key), all [columns]: the score of a single pair.
float additive_score(const float* query, const float* key, const float* v, std::int64_t columns);

}  // namespace heed
