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

/// A weight matrix [in, out] in the order that its product reads, packed once per update. Safe to read from several
/// threads.
class PackedWeights {
 public:
  PackedWeights();
  ~PackedWeights();
  PackedWeights(PackedWeights&&) noexcept;
  PackedWeights& operator=(PackedWeights&&) noexcept;

  /// Packs `weights`, or its transpose, rounded to `precision`. Reuses its memory for the same shape. Throws Error for
  /// transposed int8.
  void pack(const Tensor& weights, bool transposed, Precision precision);
  /// Borrows float32 weights, or their transpose, which must outlive this: each product packs them on the way.
  void refer(const Tensor& weights, bool transposed);
  /// Borrows int8 weights, which must outlive this.
  void refer(const QuantizedWeights& weights);
  /// The given outputs of other weights, in that order and precision. `weights` [in, out], or if `transposed`
  /// [out, in], is what `whole` was packed from; int8 does not need it.
  void select(const PackedWeights& whole, const Tensor& weights, bool transposed, std::span<const int> outputs);
  bool empty() const { return impl_ == nullptr; }
  std::int64_t in() const;
  std::int64_t out() const;
  std::size_t bytes() const;
  Precision precision() const;

  /// Packs `weights`, or its transpose, for a given way (src/products/ways.h), for tests and benchmarks; in-place ways
  /// borrow.
  void pack(const Tensor& weights, bool transposed, const ProductWay& way);

  struct Impl;
  /// Throws Error if nothing was packed.
  const Impl& impl() const;

 private:
  std::unique_ptr<Impl> impl_;
};

/// Whether float32 products of many rows (more than about 800) are as fast if each packs its weights: with AVX-512.
bool packs_fast_in_products();

}  // namespace heed
