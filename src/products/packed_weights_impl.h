#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "heed/products/packed_weights.h"
#include "heed/tensor/buffer.h"
#include "onednn_product.h"

namespace heed {

struct PackedWeights::Impl {
  std::int64_t in = 0;
  std::int64_t out = 0;
  Precision precision = Precision::kFloat32;  ///< of the numbers, not of the product
  bool native = true;                         ///< false, of bfloat16: `data` holds rounded numbers as float32
  Layout layout = Layout::kPacked;
  const void* data = nullptr;
  std::size_t size = 0;                 ///< bytes of `data` that belong to this
  std::span<const float> scale;         ///< int8: [out]
  std::span<const std::int32_t> sum;    ///< int8: see QuantizedWeights
  const std::int8_t* blocks = nullptr;  ///< int8: what `data` is
  QuantizedStorage storage;             ///< int8 that is nobody else's

  /// `data` of its own.
  void* allocate(std::size_t bytes);

  Precision product_precision() const { return native ? precision : Precision::kFloat32; }

 private:
  Buffer owned_;
};

}  // namespace heed
