#pragma once
#include "heed/tensor/pairing.h"
#include "heed/tensor/tensor.h"

namespace heed {

/// scores[r, s] += query[r] . keys[sentence(r), s]
void add_dot_scores(const Pairing& pairing, const Tensor& query, const Tensor& keys, const Tensor& scores);
/// out[r] += sum over s of weights[r, s] * values[sentence(r), s]
void add_weighted_rows(const Pairing& pairing, const Tensor& weights, const Tensor& values, const Tensor& out);
/// d_values[sentence(r), s] += weights[r, s] * vectors[r]: the transpose of both, for all rows at once.
void add_outer_products(const Pairing& pairing, const Tensor& weights, const Tensor& vectors, const Tensor& d_values);

/// scores[r, s] = v . tanh(query[r] + keys[sentence(r), s]), v [columns]
void additive_scores(const Pairing& pairing, const Tensor& query, const Tensor& keys, const float* v,
                     const Tensor& scores);

struct AdditiveGradients {
  Tensor scores;  ///< in: d loss / d scores
  Tensor query;   ///< added to
  Tensor keys;    ///< added to
  float* v;       ///< added to
};
/// Recomputes tanh instead of storing [rows, longest, columns] floats for every step.
void additive_backward(const Pairing& pairing, const Tensor& query, const Tensor& keys, const float* v,
                       const AdditiveGradients& gradients);

/// weights[r, s] = softmax over the sentence's positions; 0 beyond.
void softmax_forward(const Pairing& pairing, const Tensor& scores, const Tensor& weights);
/// d_scores += w * (dw - sum(w * dw))
void softmax_backward(const Pairing& pairing, const Tensor& weights, const Tensor& d_weights, const Tensor& d_scores);

}  // namespace heed
