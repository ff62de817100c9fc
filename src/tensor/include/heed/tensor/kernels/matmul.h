#pragma once
#include <memory>
#include <span>

#include "heed/tensor/precision.h"
#include "heed/tensor/quantized.h"
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

  /// Packs `weights`, or its transpose, rounded to the numbers of `precision`. Keeps its memory when the shape is the
  /// same as before. Throws Error for transposed int8.
  void pack(const Tensor& weights, bool transposed, Precision precision);
  /// Uses float32 weights where they lie, which must outlive this: nothing has to be packed after an update. A row of a
  /// product with the transpose may depend on how many there are: for gradients.
  void refer(const Tensor& weights, bool transposed);
  /// Uses int8 weights where they lie, which must outlive this.
  void refer(const QuantizedWeights& weights);
  /// Some outputs of other weights, in the order given and in their precision. `weights` [in, out] is what `whole` was
  /// packed from (not transposed); int8 does without.
  void select(const PackedWeights& whole, const Tensor& weights, std::span<const int> outputs);
  bool empty() const { return impl_ == nullptr; }
  std::int64_t in() const;
  std::int64_t out() const;
  std::size_t bytes() const;
  Precision precision() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Whether float32 products of many rows (more than about 200) are as fast with weights where they lie: with AVX-512.
/// Elsewhere each product packs them on its way.
bool fast_where_weights_lie();

/// Whether a product replaces what stands in the output, or is added to it.
enum class Into { kReplace, kAdd };

/// y = x W, or y += x W. x [rows, in], y [rows, out]. A row of y does not depend on how many rows there are, to the
/// bit.
void matmul(const Tensor& x, const PackedWeights& weights, const Tensor& y, Into into);

/// x W of a sum.
struct ProductTerm {
  Tensor x;
  const PackedWeights* weights;
};
/// y = sum of the terms' products, or y += it. Terms may have fewer rows than y, which then go to its first ones, but
/// with kReplace the first term has them all.
void matmul(std::span<const ProductTerm> terms, const Tensor& y, Into into);

/// A part of the rows of a weight's inputs x [n, in], and of its outputs' gradients dy [n, out].
struct GradientRows {
  Tensor x;
  Tensor dy;
};
/// dw = x^T dy, or dw += x^T dy over all rows of all parts: the gradient of a weight. dw [in, out]. With kBfloat16 x
/// and dy are rounded to it, the sums stay float32.
void matmul_gradient(std::span<const GradientRows> parts, const Tensor& dw, Into into,
                     Precision precision = Precision::kFloat32);

/// The machine's own rate in GFLOP/s: oneDNN's [64 x 1024] x [1024 x 2048] on numbers of `precision`, with packed
/// weights and `threads` threads inside the product; the yardstick of `heed bench`. Where the precision is not native,
/// the rate of float32, which then computes in its place.
double measure_matmul_gflops(Precision precision, int threads);

/// Products of the calling thread stay in it. To be called once in each thread that computes.
void use_one_thread();

}  // namespace heed
