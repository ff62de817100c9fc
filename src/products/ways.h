#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "heed/base/export.h"
#include "heed/products/matmul.h"
#include "heed/tensor/buffer.h"

namespace HEED_ENGINE_API heed {

/// A way to multiply: a line of the table in ways.cpp. A weight keeps the one that it was packed for.
struct ProductWay {
  std::string_view name;
  Precision precision;    ///< of the numbers that are multiplied
  bool in_place = false;  ///< reads unpacked float32 weights
  bool (*available)();    ///< on this processor, up to the limit of its instructions
  std::size_t (*packed_bytes)(std::int64_t in, std::int64_t out) = nullptr;
  /// Fills to.packed() from weights [in, out] or, transposed, from [out, in].
  void (*pack)(const Tensor& weights, bool transposed, PackedWeights::Impl& to) = nullptr;
  /// matmul of one weight.
  void (*multiply)(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate);
  /// matmul in parts; nullptr: the outputs are there all at once.
  void (*multiply_in_parts)(const Tensor& x, const PackedWeights& weights, const Tensor& y,
                            const OutputParts& parts) = nullptr;
  /// matmul of up to kMostTerms terms in one pass over y, which has as many rows as each; nullptr: one after the other.
  void (*multiply_terms)(std::span<const ProductTerm> terms, const Tensor& y, Accumulate accumulate) = nullptr;
  /// matmul_gradient of at least one row. nullptr: none.
  void (*gradient)(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate) = nullptr;
};
constexpr std::size_t kMostTerms = 4;

/// The whole table. Of several available ways to the same end the first is the best.
std::span<const ProductWay> product_ways();
/// Throws Error if there is no such way, or not on this processor.
const ProductWay& find_way(std::string_view name);
const ProductWay& best_way(Precision precision);
const ProductWay& best_way_in_place();

struct PackedWeights::Impl {
  const ProductWay* way = nullptr;
  std::int64_t in = 0;
  std::int64_t out = 0;
  bool transposed = false;            ///< of weights that are read in place: they lie as [out, in]
  const void* data = nullptr;         ///< what the way reads
  std::size_t size = 0;               ///< bytes of `data`; 0 if they are read in place
  std::span<const float> scale;       ///< int8: [out]
  std::span<const std::int32_t> sum;  ///< int8: see QuantizedWeights

  /// Memory of its own for `data`, kept if the size is the same as before.
  void allocate(std::size_t bytes);
  void* packed() { return owned_.view().data; }
  /// Weights that are read in place, as they lie: [in, out], or [out, in] if they are transposed.
  Tensor lying() const {
    auto* const values = const_cast<float*>(static_cast<const float*>(data));
    return transposed ? Tensor{values, out, in} : Tensor{values, in, out};
  }

  std::vector<float> own_scale;
  std::vector<std::int32_t> own_sum;

 private:
  Buffer owned_;
};

}  // namespace heed
