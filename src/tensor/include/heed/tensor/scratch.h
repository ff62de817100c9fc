#pragma once
#include <cstddef>
#include <new>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Gives memory that begins with a line of the cache: vectors of 64 bytes that lie across two lines take twice as long.
template <typename T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};

  LineAllocator() = default;
  template <typename Other>
  LineAllocator(const LineAllocator<Other>&) {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kLine)); }
  void deallocate(T* data, std::size_t) { ::operator delete(data, kLine); }
  bool operator==(const LineAllocator&) const = default;
};
template <typename T>
using Scratch = std::vector<T, LineAllocator<T>>;

/// A thread's memory, which only grows: after the largest product it allocates nothing.
template <typename T>
T* scratch(Scratch<T>& buffer, std::size_t count) {
  if (buffer.size() < count) buffer.resize(count);
  return buffer.data();
}

}  // namespace heed
