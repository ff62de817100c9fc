#pragma once
#include "heed/tensor/tensor.h"

namespace heed {

/// Added to a row's variance before the square root.
constexpr float kLayerNormEpsilon = 1e-5F;

/// Layer normalisation of n rows (Ba et al. 2016, equation 3):
///   x^ = (x - mean(x)) / sqrt(variance(x) + epsilon);  y = gain * x^ + bias
struct LayerNormForward {
  Tensor x;           ///< [n, H] in; x^ out
  const float* gain;  ///< [H]
  const float* bias;  ///< [H], or nullptr: none
  float* scale;       ///< [n] out: 1 / sqrt(variance + epsilon)
  Tensor y;           ///< [n, H] out
};
void layer_norm_forward(const LayerNormForward& norm);

struct LayerNormBackward {
  Tensor normalized;   ///< [n, H] x^ in; x^ * dy out, whose column sums are the gain's gradient
  const float* gain;   ///< [H]
  const float* scale;  ///< [n]
  Tensor y_gradient;   ///< [n, H]
  Tensor x_gradient;   ///< [n, H] added to
};
void layer_norm_backward(const LayerNormBackward& norm);

}  // namespace heed
