#pragma once
#include <limits>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A word or a position of the sentence is never impossible: attention to it that is exactly 0 counts as this much
/// (docs/copying.md).
constexpr float kLeastWeight = std::numeric_limits<float>::min();

}  // namespace heed
