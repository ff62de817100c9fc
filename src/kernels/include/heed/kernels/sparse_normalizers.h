#pragma once
#include "heed/kernels/attention.h"

// Sparse normalisers: projections of scores z onto weights that may be exactly 0. Like softmax they sum to 1 over the
// positions of each row's window (Pairing) and are exactly 0 outside, and a score of -infinity has weight exactly 0; at
// least one score of a row must be finite.
namespace heed {

/// p = [z - tau]+. Martins and Astudillo 2016, equation 2 and proposition 1.
void sparsemax_forward(const Pairing& pairing, const Tensor& scores, const Tensor& weights);
/// dz_i += dp_i - mean of dp over the support, where p_i > 0. Martins and Astudillo 2016, section 2.5.
void sparsemax_backward(const Pairing& pairing, const Tensor& weights, const Tensor& d_weights, const Tensor& d_scores);

/// p = [z / 2 - tau]+ ^ 2. Peters et al. 2019, equation 10 with alpha = 1.5.
void entmax15_forward(const Pairing& pairing, const Tensor& scores, const Tensor& weights);
/// dz_i += g_i (dp_i - sum(g dp) / sum(g)), g = sqrt(p). Peters et al. 2019, proposition 2.
void entmax15_backward(const Pairing& pairing, const Tensor& weights, const Tensor& d_weights, const Tensor& d_scores);

}  // namespace heed
