#pragma once
#include <span>

#include "heed/autograd/operations.h"
#include "heed/base/export.h"

// Operations of attention that depends on the previous step. A `previous` may have more rows, of which the first n are
// used. F features of each position are a matrix [n, longest * F]: position s at columns [s F, (s + 1) F).
namespace HEED_ENGINE_API heed {

/// Features of each pair of a row and a position, and their weights inside tanh. Empty: none.
struct PairTerm {
  Variable values;   ///< [n, longest * F]
  Variable weights;  ///< [F, A]
};
struct AdditivePair {
  Variable query;     ///< [n, A]
  SourceMatrix keys;  ///< [sum of S, A]
  Variable v;         ///< [1, A]
};
/// scores[r, s] = v . tanh(query[r] + keys[sentence[r], s] + values[r, s] weights). [n, longest]
Variable additive_pair_scores(Tape& tape, const AdditivePair& pair, const PairTerm& term,
                              std::span<const int> sentence);

/// features[r, s, f] = sum over k of weights[r, s + k - (W - 1) / 2] filters[k, f], within the sentence (Chorowski et
/// al. 2015, equation 8). weights [>= n, longest], filters [W, F], W odd. [n, longest * F]
Variable location_features(Tape& tape, const Variable& weights, const Variable& filters, const SentenceRows& sentences,
                           std::span<const int> sentence);

/// weights[r, s] / (largest * sigmoid(x[sentence[r], s])), x [sum of S, 1]: weights divided by each position's
/// fertility (Tu et al. 2016, equations 9 and 10). [n, longest]
Variable covered_share(Tape& tape, const Variable& weights, const SourceMatrix& x, float largest,
                       std::span<const int> sentence);

/// Coverage with gates (kernels/coverage.h has the equations). [n, longest * F]
struct GatedCoverageTerms {
  Variable weights;        ///< [n, longest]
  Variable previous;       ///< [>= n, longest * F]; empty: 0
  Variable query;          ///< [n, 3F]
  SourceMatrix positions;  ///< [sum of S, 3F]
  Variable of_weight;      ///< [1, 3F]
  Variable recurrent;      ///< [F, 3F]
};
Variable gated_coverage(Tape& tape, const GatedCoverageTerms& terms, std::span<const int> sentence);

/// Noise added before a sigmoid while recording, which pushes the probability to 0 or 1.
struct ChoiceNoise {
  double deviation = 0;
  Rng* rng = nullptr;  ///< nullptr: no noise
};
/// p[r, s] = sigmoid(scores[r, s] + offset + noise), 0 beyond a sentence. offset [1, 1]. [n, longest]
Variable choice_probability(Tape& tape, const Variable& scores, const Variable& offset, const Pairing& pairing,
                            const ChoiceNoise& noise);
/// The expected alignment of monotonic attention; p [n, longest] is the probability to stop at a position that is
/// reached; `previous` is the previous alignment, empty: all at position 0. Rows sum to at most 1. [n, longest]
Variable monotonic_alignment(Tape& tape, const Variable& p, const Variable& previous, const Pairing& pairing);
/// For each position s, softmax of `scores` over the `chunk` positions that end there, times alignment[r, s]; the sum
/// over s. [n, longest]
Variable chunk_weights(Tape& tape, const Variable& alignment, const Variable& scores, int chunk,
                       const Pairing& pairing);

/// Position probabilities after a jump: out[r, j] = sum over i of before[r, i] p(j - i | r, i), with
///   p(d | r, i) = softmax over d of query[r, d + D] + keys[sentence[r], i, d + D],   d = -D .. D, i + d in the
///   sentence.
/// query [n, 2 D + 1], keys [sum of S, 2 D + 1]; `before` [>= n, longest], empty: all at position 0. [n, longest]
Variable jump_alignment(Tape& tape, const Variable& before, const Variable& query, const SourceMatrix& keys,
                        std::span<const int> sentence);
/// Posterior of the position given the token: prior[r, s] * exp(log_probability[r, s]), normed to sum to 1 (Bayes'
/// rule). 0 where the prior is 0. [n, longest]
Variable position_posterior(Tape& tape, const Variable& prior, const Variable& log_probability, const Pairing& pairing);

// Hard decisions, for decoding only: they record nothing.

/// 1 at the first position, from the previous one on, whose score plus offset is above 0; a row without such a position
/// is 0, and stays so. [n, longest]
Variable hard_alignment(Tape& tape, const AdditivePair& pair, const Variable& offset, const Variable& previous,
                        std::span<const int> sentence);
Variable hard_chunk_weights(Tape& tape, const Variable& alignment, const AdditivePair& pair, int chunk,
                            std::span<const int> sentence);
/// weighted_sum() where most weights are 0.
Variable few_weighted_sum(Tape& tape, const Variable& weights, const SourceMatrix& values,
                          std::span<const int> sentence);

}  // namespace heed
