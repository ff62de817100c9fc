#pragma once
#include <span>

#include "heed/tensor/tensor.h"

namespace heed {

/// Turns a block of logits [n, V], still without their bias, into their own gradient of
///   loss = sum over rows of (1 - smoothing) * -log p[label] + smoothing * mean over V of -log p
/// times `scale`, and adds the loss (without scale) to `loss`. One pass over a row while it is near the processor.
struct CrossEntropy {
  std::span<const int> labels;
  const float* bias = nullptr;  ///< [V] added to every row
  float smoothing = 0;
  float scale = 1;
  float* bias_gradient = nullptr;    ///< [V] added to; nullptr: no gradients, the rows are left as biased logits
  std::span<float> log_probability;  ///< [n] log p[label of row r]
  double loss = 0;                   ///< added to
};
void softmax_cross_entropy(const Tensor& logits, CrossEntropy& work);

/// log of the sum of exp over each row.
void log_sum_exp(const Tensor& logits, std::span<float> out);

/// A row's k largest values, largest first, ties by lower index.
struct TopK {
  std::span<int> indices;
  std::span<float> values;
};
void top_k(std::span<const float> row, TopK out);

}  // namespace heed
