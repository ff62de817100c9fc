#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "heed/tensor/tensor.h"

namespace heed {

/// Turns a block of logits [n, V], without their bias, in place into their gradient of
///   loss = sum over rows of (1 - smoothing) * -log p[label] + smoothing * mean over V of -log p
/// times `scale`, and adds the loss (without scale) to `loss`. One pass over each row while it is in cache. With
/// `soft`, the loss is (1 - soft_share) times that + soft_share * sum over V of soft * -log p.
struct CrossEntropy {
  std::span<const int> labels;
  const float* bias = nullptr;  ///< [V] added to every row
  float smoothing = 0;
  float scale = 1;
  float* bias_gradient = nullptr;       ///< [V] added to; nullptr: no gradients, the rows are left as biased logits
  std::span<float> log_probability;     ///< [n] log p[label of row r]
  double loss = 0;                      ///< added to
  std::span<const float> weights = {};  ///< [n] factors of each row's loss and gradient; empty: 1
  Tensor soft = {};                     ///< [n, V] probabilities; or empty
  float soft_share = 0;
};
void softmax_cross_entropy(const Tensor& logits, CrossEntropy& work);

/// out += factor * softmax(logits + bias), row by row; the logits are overwritten.
void add_softmax(const Tensor& logits, const float* bias, float factor, const Tensor& out);

/// Adds `bias` [V], if any, to each row; log of the sum of exp over it.
void log_sum_exp(const Tensor& logits, const float* bias, std::span<float> out);

inline constexpr std::int64_t kTopKGroup = 256;  ///< of logits whose largest is kept

/// The sum of exp(logit - largest) over the logits of a row that were added, largest being the largest of them.
struct RunningSum {
  float largest = -std::numeric_limits<float>::infinity();
  float sum = 0;
  float log_sum() const { return largest + std::log(sum); }
};
/// Outputs `first` to `first + count` of rows of logits [n, V]; `first` is a multiple of kTopKGroup.
struct LogitsPart {
  Tensor logits;
  const float* bias;  ///< [V] that is added to each row; nullptr: none
  std::int64_t first;
  std::int64_t count;
};
/// Adds the bias to a part of the logits, and them to their rows' sums [n]; the largest of each kTopKGroup of a row go
/// to `largest` [n, V / kTopKGroup, rounded up]. Sums are the same to the bit whatever the parts are.
void add_logits(const LogitsPart& part, std::span<RunningSum> sums, const Tensor& largest);

/// out[c] = log of the sum over rows r of exp(x[r, c] + offset[r]); NaN everywhere if an offset is.
void log_sum_exp_of_rows(const Tensor& x, std::span<const float> offset, std::span<float> out);

/// out[r] = sum of row r.
void sum_rows(const Tensor& x, std::span<float> out);

/// Turns rows of biased logits, given their log_sum_exp(), into
///   at_label[r] * (p - onehot(label)) + uniform[r] * (p - 1 / V),  p = exp(logits - log_sum):
/// the gradient where cross-entropy is only a part of the loss. Label -1: none.
struct RowGradients {
  std::span<const int> labels;
  std::span<const float> log_sum;
  std::span<const float> at_label;
  std::span<const float> uniform;
  float* bias_gradient;  ///< [V] added to
};
void softmax_gradient(const Tensor& logits, const RowGradients& work);

/// A row's k largest values, largest first, ties by lower index.
struct TopK {
  std::span<int> indices;
  std::span<float> values;
};
void top_k(std::span<const float> row, TopK out);
/// The same, given the largest of each kTopKGroup values; the last group may be smaller.
void top_k(std::span<const float> row, std::span<const float> largest, TopK out);
/// Of 1 to kTopKGroup values.
float largest_of(std::span<const float> values);

}  // namespace heed
