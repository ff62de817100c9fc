#pragma once
#include <span>

#include "heed/products/matmul.h"
#include "ways.h"

// float32 and bfloat16 products of our own for AVX-512 (heed/kernels/avx512_product.h) and AMX (amx_product.h).
namespace heed {

/// What is multiplied at a time: float32, pairs of bfloat16, tiles of such pairs (AMX).
enum class WideNumbers { kFloats, kPairs, kTiles };

std::size_t avx512_float32_bytes(std::int64_t in, std::int64_t out);
void pack_avx512_float32(const Tensor& weights, bool transposed, PackedWeights::Impl& to);
template <WideNumbers kNumbers>
void multiply_avx512(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate);
template <WideNumbers kNumbers>
void multiply_avx512_in_parts(const Tensor& x, const PackedWeights& weights, const Tensor& y, const OutputParts& parts);
/// Of float32 weights that lie as they are, packed on the way: for many rows.
void multiply_avx512_in_place(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate);
template <WideNumbers kNumbers>
void gradient_avx512(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate);

}  // namespace heed
