#pragma once
#include <cstddef>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A thread's memory, which only grows: after the largest product it allocates nothing.
template <typename T>
T* scratch(std::vector<T>& buffer, std::size_t count) {
  if (buffer.size() < count) buffer.resize(count);
  return buffer.data();
}

}  // namespace heed
