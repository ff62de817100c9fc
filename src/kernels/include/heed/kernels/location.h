#pragma once
#include "heed/kernels/attention.h"

// Convolution over the previous step's weights (Chorowski et al. 2015, equation 8). Letters: F filters, W their width,
// which is odd.
namespace heed {

/// features[r, s, f] = sum over k of weights[r, s + k - (W - 1) / 2] * filters[k, f], positions outside the sentence
/// being 0. filters [W, F]; features [rows, longest * F], position s of a row at columns [s F, (s + 1) F), which must
/// be 0 beforehand.
void add_location_features(const Pairing& pairing, const Tensor& weights, const Tensor& filters,
                           const Tensor& features);
struct LocationGradients {
  Tensor features;  ///< in: d loss / d features
  Tensor weights;   ///< added to
  Tensor filters;   ///< added to
};
void location_backward(const Pairing& pairing, const Tensor& weights, const Tensor& filters,
                       const LocationGradients& gradients);

}  // namespace heed
