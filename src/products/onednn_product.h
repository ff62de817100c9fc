#pragma once
#include <cstddef>
#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "ways.h"

// What oneDNN compiles for us, and keeps for as long as a thread lives.
namespace heed {

/// How the second operand lies; packed ones, of bfloat16 and int8, in the blocks of conversions.h.
enum class Layout { kPacked, kPlain };

/// What distinguishes compiled products: [rows, in] x [in, out] into float32, or into int32 for int8.
struct ProductKey {
  std::int64_t rows, in, out;
  Precision precision;
  Layout layout;
  Accumulate accumulate = Accumulate::kNo;
  bool transposed_first = false;  ///< the first operand lies as [in, rows]
  bool operator==(const ProductKey&) const = default;
};

/// The second operand's layout; there is none of packed float32.
dnnl::memory::desc weights_layout(std::int64_t in, std::int64_t out, Precision precision, Layout layout);

/// Compiled products of the calling thread. Not shared, because operands are set before each run.
class Products {
 public:
  static Products& of_this_thread();
  /// Runs the product on operands of the key's numbers; y is float32, or int32 for int8.
  void run(const ProductKey& key, const void* a, const void* b, void* y);

 private:
  class Compiled;
  struct Hash {
    std::size_t operator()(const ProductKey& key) const;
  };
  Products();

  dnnl::stream stream_;
  std::unordered_map<ProductKey, Compiled, Hash> compiled_;
};

// A block of rows of a product with packed bfloat16 weights.
void multiply_onednn_bfloat16(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate);

}  // namespace heed
