#pragma once
#include <span>

#include "heed/tensor/tensor.h"

namespace heed {

/// Turns a block of logits [n, V] into its own gradient of
///   loss = sum over rows of (1 - smoothing) * -log p[label] + smoothing * mean over V of -log p
/// times `scale`, and adds the loss (without scale) to `loss`. log_probability[r] = log p[label of row r].
struct CrossEntropy {
  std::span<const int> labels;
  float smoothing = 0;
  float scale = 1;
  bool gradient = true;            ///< otherwise the logits are left as they are
  std::span<float> log_probability;
  double loss = 0;                 ///< added to
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
