#pragma once
#include <atomic>

#include "heed/base/error.h"

namespace HEED_ENGINE_API heed {

/// Throws Cancelled if a caller has said so; nullptr: none can.
inline void check_stop(const std::atomic<bool>* stop) {
  if (stop != nullptr && stop->load(std::memory_order_relaxed)) throw Cancelled();
}

}  // namespace heed
