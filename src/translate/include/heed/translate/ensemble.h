#pragma once
#include <cstddef>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

/// What becomes of the probabilities that several models give a token.
enum class Combine {
  kMean,       ///< sum of w p: the arithmetic mean
  kLogLinear,  ///< exp(sum of w log p), made to sum to 1 over the tokens again: the geometric mean
};

struct EnsembleOptions {
  Combine combine = Combine::kMean;
  std::vector<double> weights = {};  ///< w of each model as shares, of any sum, each more than 0; empty: all alike

  /// The weights of so many models, with the sum 1. Throws UsageError if they are not theirs.
  std::vector<float> shares(std::size_t models) const;
};

}  // namespace heed
