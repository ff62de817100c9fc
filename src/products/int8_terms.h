#pragma once
#include "heed/kernels/vnni_product.h"
#include "ways.h"

// int8 products: inputs are quantised row by row, whole-number products scaled back to float32.
namespace heed {

std::size_t int8_bytes(std::int64_t in, std::int64_t out);
/// Not transposed: int8 serves inference.
void pack_int8_weights(const Tensor& weights, bool transposed, PackedWeights::Impl& to);

/// By a kernel for processors that multiply bytes: multiply_vnni, multiply_amx_int8.
using BytesKernel = void (*)(std::span<const VnniTerm> terms, const VnniOutput& to);
void multiply_bytes_terms(BytesKernel kernel, std::span<const ProductTerm> terms, const Tensor& y,
                          Accumulate accumulate);
void multiply_bytes_in_parts(BytesKernel kernel, const ProductTerm& term, const Tensor& y, const OutputParts& parts);
/// The same numbers where the processor does not multiply bytes.
void multiply_own_int8(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate);
/// The same numbers by SDOT of Arm's processors.
void multiply_dot_int8(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate);

}  // namespace heed
