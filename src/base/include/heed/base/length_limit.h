#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// The maximal number of target tokens for that many source tokens, EOS included on both sides; at least 1.
inline int length_limit(double ratio, int extra, int source_tokens) {
  const double most = std::floor(ratio * source_tokens) + extra;
  return static_cast<int>(std::clamp(most, 1.0, static_cast<double>(std::numeric_limits<int>::max())));
}

}  // namespace heed
