#pragma once
#include <cstdint>
#include <limits>

namespace heed {

// Rows whose logits exist together: enough to make large products, few enough to stay near the processor.
constexpr std::int64_t kBlockRows = 256;
// A word or a position of the sentence is never impossible: attention to it that is exactly 0 counts as this much.
constexpr float kLeastWeight = std::numeric_limits<float>::min();
// The gradient of a weight in a mixture is 1 / P at most; where P is next to nothing it would leave float32.
constexpr float kLargestGradient = 1e30F;

}  // namespace heed
