#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "heed/tensor/tensor.h"

// Weights in the blocks that the kernels read (Bfloat16Blocks, Int8Blocks).
namespace heed {

std::size_t bfloat16_bytes(std::int64_t in, std::int64_t out);
/// Weights [in, out] or, transposed, given as [out, in]. For processors with AVX-512 BF16.
void pack_bfloat16(const Tensor& weights, bool transposed, std::uint16_t* blocks);

struct Int8Weights {
  std::int8_t* blocks;
  float* scale;       ///< [out]
  std::int32_t* sum;  ///< [out] sum of q over the inputs, times 128: what the offset of the inputs adds to a product
};
/// Weights [in, out].
void pack_int8(const Tensor& weights, const Int8Weights& out);
/// Blocks of some outputs of others with `in` inputs.
void select_int8(const std::int8_t* blocks, std::int64_t in, std::span<const int> outputs, std::int8_t* selected);

}  // namespace heed
