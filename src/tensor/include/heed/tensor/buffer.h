#pragma once
#include <utility>

#include "heed/base/export.h"
#include "heed/tensor/tensor.h"

namespace HEED_ENGINE_API heed {

/// Float32 matrix that owns its memory, or knows its shape only. Movable, not copyable.
class Buffer {
 public:
  Buffer() = default;
  /// Zero at first, aligned for vector code.
  Buffer(std::int64_t rows, std::int64_t columns);
  /// Without memory, until it is given some.
  static Buffer of_shape(std::int64_t rows, std::int64_t columns);
  ~Buffer();
  Buffer(Buffer&& other) noexcept : view_(std::exchange(other.view_, {})), owned_(std::exchange(other.owned_, false)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(view_, other.view_);
    std::swap(owned_, other.owned_);
    return *this;
  }
  const Tensor& view() const { return view_; }

  /// Uses memory of somebody else that outlives this and is only read.
  void refer(const float* data);

 private:
  Tensor view_;
  bool owned_ = false;
};

}  // namespace heed
