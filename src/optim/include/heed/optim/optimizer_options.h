#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

/// A kind of optimizer and its constants; each kind reads those that its line of the table names. What is 0 where that
/// makes no sense is the kind's own value.
struct OptimizerOptions {
  std::string kind = "adam";
  std::vector<double> betas = {0.9, 0.999};  ///< of the means of gradients and of their squares
  double epsilon = 0;
  double momentum = 0.9;
  double rho = 0;                  ///< of the mean of squares
  double initial_accumulator = 0;  ///< what the sum of squares begins with
  /// Of matrices only, not of biases, gains and other vectors: a part of the loss, weight_decay / 2 |W|^2, or of adamw
  /// decoupled from it (Loshchilov and Hutter 2019).
  double weight_decay = 0;
};

}  // namespace heed
