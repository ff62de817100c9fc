#pragma once
#include "heed/kernels/pair_scores.h"

// Monotonic attention: Raffel et al. 2017, and Chiu and Raffel 2018. Matrices are [rows, longest].
namespace heed {

/// The expected alignment (Raffel et al. 2017, equation 9), by its recurrence, without the division by a product that
/// underflows:
///   q[s] = (1 - p[s - 1]) q[s - 1] + previous[s]     the probability of reaching s
///   alignment[s] = p[s] q[s]
/// `previous` may have more rows, and may be empty: then all mass is at position 0. Mass beyond the last position is
/// lost. Beyond a sentence the alignment is 0.
void monotonic_alignment(const Pairing& pairing, const Tensor& p, const Tensor& previous, const Tensor& alignment);
struct MonotonicGradients {
  Tensor alignment;  ///< in: d loss / d alignment
  Tensor p;          ///< added to
  Tensor previous;   ///< added to; empty if `previous` is
};
void monotonic_backward(const Pairing& pairing, const Tensor& p, const Tensor& previous,
                        const MonotonicGradients& gradients);

/// weights[r, j] = sum over s of alignment[r, s] * softmax(scores[r, s - chunk + 1 .. s])[j]: softmax over the chunk
/// that ends where the monotonic attention is (Chiu and Raffel 2018, equation 11). 0 beyond a sentence.
void chunk_weights(const Pairing& pairing, const Tensor& alignment, const Tensor& scores, int chunk,
                   const Tensor& weights);
struct ChunkGradients {
  Tensor weights;    ///< in: d loss / d weights
  Tensor alignment;  ///< added to
  Tensor scores;     ///< added to
};
void chunk_backward(const Pairing& pairing, const Tensor& alignment, const Tensor& scores, int chunk,
                    const ChunkGradients& gradients);

/// Hard decisions (Raffel et al. 2017, algorithm 1): from the position of the previous alignment's 1 (at first 0), the
/// first position whose score plus `offset` is above 0 gets 1. If there is none, or was none before, the row is 0.
/// Scores are computed from there on only: over all steps about source plus target of them.
void hard_alignment(const Pairing& pairing, const AdditivePairs& pairs, float offset, const Tensor& previous,
                    const Tensor& alignment);
/// chunk_weights() of a hard alignment: computes the scores of its chunk only.
void hard_chunk_weights(const Pairing& pairing, const Tensor& alignment, const AdditivePairs& pairs, int chunk,
                        const Tensor& weights);
/// out[r] += sum over s of weights[r, s] * values[sentence(r), s], reading only values whose weight is not 0.
void add_few_weighted_rows(const Pairing& pairing, const Tensor& weights, const Tensor& values, const Tensor& out);

}  // namespace heed
