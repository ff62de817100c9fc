#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "heed/base/export.h"
#include "heed/products/precision.h"
#include "heed/products/quantized.h"
#include "heed/tensor/tensor.h"

namespace HEED_ENGINE_API heed {

struct ProductWay;

/// A weight matrix [in, out] in the order that its product reads it, made once per update. Safe to read from
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

  /// Packs `weights`, or its transpose, for a way of choice (src/products/ways.h); ways in place refer: for tests and
  /// benchmarks.
  void pack(const Tensor& weights, bool transposed, const ProductWay& way);

  struct Impl;
  /// Throws Error if nothing was packed.
  const Impl& impl() const;

 private:
  std::unique_ptr<Impl> impl_;
};

/// Whether float32 products of many rows (more than about 200) are as fast with weights where they lie: with AVX-512.
/// Elsewhere each product packs them on its way.
bool fast_where_weights_lie();

}  // namespace heed
