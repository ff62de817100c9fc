#pragma once
#include <span>

#include "heed/tensor/tensor.h"

namespace heed {

/// Which rows of a packed matrix belong to which sentence: sentence b owns rows [offsets[b], offsets[b] + lengths[b]).
/// There is no padding, and so nothing to mask: a position outside a sentence has no row.
struct SentenceRows {
  std::span<const int> offsets;
  std::span<const int> lengths;
  int longest = 0;
};

/// Positions [first, last) of a sentence, at least one.
struct Window {
  int first = 0;
  int last = 0;
};

/// What an attention kernel works on: row r (a target position or a hypothesis) looks at sentence `sentence[r]`, or at
/// a window of it. Matrices of scores or weights are [rows, longest]; weights outside the window and beyond the
/// sentence are exactly 0. Kernels neither read nor write scores there: the work of a row is that of its window.
struct Pairing {
  SentenceRows source;
  std::span<const int> sentence;         ///< [rows]
  std::span<const Window> windows = {};  ///< [rows]; empty: whole sentences

  Window window(std::int64_t r) const { return windows.empty() ? Window{0, source.lengths[sentence[r]]} : windows[r]; }
};

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
/// Computes tanh again instead of keeping [rows, longest, columns] numbers for every step.
void additive_backward(const Pairing& pairing, const Tensor& query, const Tensor& keys, const float* v,
                       const AdditiveGradients& gradients);

/// weights[r, s] = softmax over the sentence's positions; 0 beyond.
void softmax_forward(const Pairing& pairing, const Tensor& scores, const Tensor& weights);
/// d_scores += w * (dw - sum(w * dw))
void softmax_backward(const Pairing& pairing, const Tensor& weights, const Tensor& d_weights, const Tensor& d_scores);

}  // namespace heed
