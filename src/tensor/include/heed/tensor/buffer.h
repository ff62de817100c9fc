#pragma once
#include <utility>

#include "heed/base/export.h"
#include "heed/tensor/tensor.h"

namespace HEED_ENGINE_API heed {

/// Float32 matrix that owns its memory, refers to another's, or has a shape only. Movable, not copyable.
class Buffer {
 public:
  Buffer() = default;
  /// Zeros, aligned for vector code.
  Buffer(std::int64_t rows, std::int64_t columns);
  /// A shape without memory.
  static Buffer of_shape(std::int64_t rows, std::int64_t columns);
  ~Buffer();
  Buffer(Buffer&& other) noexcept : view_(std::exchange(other.view_, {})), owned_(std::exchange(other.owned_, false)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(view_, other.view_);
    std::swap(owned_, other.owned_);
    return *this;
  }
  const Tensor& view() const { return view_; }

  /// Refers to memory that outlives this and is only read.
  void refer(const float* data);

 private:
  Tensor view_;
  bool owned_ = false;
};

/// Gives the memory of `count` numbers back, as whole pages: they are anything then, and take memory again once they
/// are written.
void give_back_pages(float* data, std::int64_t count);

}  // namespace heed
