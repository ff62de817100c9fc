#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

// Probabilities as logarithms: nothing underflows, and -infinity is a probability of 0.
namespace heed {

inline constexpr float kLogZero = -std::numeric_limits<float>::infinity();

/// log sigmoid(x), exact where sigmoid itself is 0 or 1 in float32.
inline float log_sigmoid(float x) { return std::min(x, 0.0F) - std::log1p(std::exp(-std::abs(x))); }

/// log(exp(a) + exp(b)); -infinity of two of them.
inline float log_add_exp(float a, float b) {
  const float larger = std::max(a, b);
  if (larger == kLogZero) return larger;
  return larger + std::log1p(std::exp(std::min(a, b) - larger));
}

}  // namespace heed
