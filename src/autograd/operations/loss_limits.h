#pragma once
#include <cstdint>

#include "heed/autograd/least_weight.h"

namespace heed {

// Rows whose logits exist together: enough to make large products, few enough to stay near the processor.
constexpr std::int64_t kBlockRows = 256;
// The gradient of a weight in a mixture is 1 / P at most; where P is next to nothing it would leave float32.
constexpr float kLargestGradient = 1e30F;

}  // namespace heed
