#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// The most tokens that a target of so many source tokens may have, EOS included on both sides: at least 1.
inline int length_limit(double ratio, int extra, int source_tokens) {
  const double most = std::floor(ratio * source_tokens) + extra;
  return static_cast<int>(std::clamp(most, 1.0, static_cast<double>(std::numeric_limits<int>::max())));
}

}  // namespace heed
