#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "ways.h"

// What oneDNN compiles for us, and keeps for as long as a thread lives.
namespace heed {

/// How the second operand lies.
enum class Layout { kPacked, kPlain, kTransposed };

/// What distinguishes compiled products: [rows, in] x [in, out] into float32, or into int32 for int8.
struct ProductKey {
  std::int64_t rows, in, out;
  Precision precision = Precision::kFloat32;
  Layout layout = Layout::kPacked;
  Accumulate accumulate = Accumulate::kNo;
  bool transposed_first = false;  ///< the first operand lies as [in, rows]
  bool operator==(const ProductKey&) const = default;
};

/// The second operand's layout: of bfloat16 and int8 as in conversions.h, of float32 as oneDNN likes it best here.
dnnl::memory::desc weights_layout(std::int64_t in, std::int64_t out, Precision precision, Layout layout);

/// Compiled products of the calling thread. Not shared, because operands are set before each run.
class Products {
 public:
  static Products& of_this_thread();
  /// Runs the product on operands of the key's numbers; y is float32, or int32 for int8.
  void run(const ProductKey& key, const void* a, const void* b, void* y);
  /// Copies float32 weights [in, out], or [out, in] if they are to be transposed, into the packed layout.
  void pack(std::int64_t in, std::int64_t out, bool transposed, const float* weights, void* packed);

 private:
  class Compiled;
  class Packing;
  struct Hash {
    std::size_t operator()(const ProductKey& key) const;
  };
  Products();

  dnnl::stream stream_;
  std::unordered_map<ProductKey, Compiled, Hash> compiled_;
  std::map<std::array<std::int64_t, 3>, Packing> packings_;  // by in, out, transposed
};

/// Bytes of packed weights in numbers of kPrecision.
template <Precision kPrecision>
std::size_t onednn_bytes(std::int64_t in, std::int64_t out) {
  return weights_layout(in, out, kPrecision, Layout::kPacked).get_size();
}
void pack_onednn(const Tensor& weights, bool transposed, PackedWeights::Impl& to);
void pack_onednn_bfloat16(const Tensor& weights, bool transposed, PackedWeights::Impl& to);

// A block of rows of a product with packed weights, or with float32 weights that are read in place.
void multiply_onednn(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate);
void multiply_onednn_bfloat16(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate);

}  // namespace heed
