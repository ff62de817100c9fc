#pragma once
#include <memory>

#include "heed/tensor/tensor.h"

namespace heed {

/// A weight matrix [in, out] in the order that the product kernel reads it, made once per update. Safe to read from
/// several threads.
class PackedWeights {
 public:
  PackedWeights();
  ~PackedWeights();
  PackedWeights(PackedWeights&&) noexcept;
  PackedWeights& operator=(PackedWeights&&) noexcept;

  /// Packs `weights`, or its transpose. Keeps its memory when the shape is the same as before.
  void pack(const Tensor& weights, bool transposed, Precision precision);
  /// Uses float32 weights where they lie, which must outlive this: products of many rows (more than about 200) are as
  /// fast so, and nothing has to be packed after an update. Without AVX-512 a row of a product with transposed ones,
  /// which only gradients use, may depend on how many there are.
  void refer(const Tensor& weights, bool transposed);
  bool empty() const { return impl_ == nullptr; }
  std::int64_t in() const;
  std::int64_t out() const;
  std::size_t bytes() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Whether a product replaces what stands in the output, or is added to it.
enum class Into { kReplace, kAdd };

/// y = x W, or y += x W. x [rows, in], y [rows, out]. A row of y does not depend on how many rows there are, to the
/// bit.
void matmul(const Tensor& x, const PackedWeights& weights, const Tensor& y, Into into);

/// dw = x^T dy, or dw += x^T dy: the gradient of a weight over all rows at once. x [rows, in], dy [rows, out], dw [in,
/// out].
void matmul_gradient(const Tensor& x, const Tensor& dy, const Tensor& dw, Into into);

/// The machine's own rate in GFLOP/s: [64 x 1024] x [1024 x 2048] with packed weights and `threads` threads inside the
/// product; the yardstick of `heed bench`.
double measure_matmul_gflops(Precision precision, int threads);

/// Products of the calling thread stay in it. To be called once in each thread that computes.
void use_one_thread();

}  // namespace heed
