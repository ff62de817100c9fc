#pragma once
#include <utility>

#include "heed/tensor/tensor.h"

namespace heed {

/// Owned float32 matrix, zero at first, aligned for vector code. Movable, not copyable.
class Buffer {
 public:
  Buffer() = default;
  Buffer(std::int64_t rows, std::int64_t columns);
  ~Buffer();
  Buffer(Buffer&& other) noexcept : view_(std::exchange(other.view_, {})) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(view_, other.view_);
    return *this;
  }
  const Tensor& view() const { return view_; }

 private:
  Tensor view_;
};

}  // namespace heed
