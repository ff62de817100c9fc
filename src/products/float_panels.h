#pragma once
#include <span>

#include "heed/products/matmul.h"

// float32 products from panels (heed/kernels/float_product.h).
namespace heed {

/// Packs weights [in, out] or, transposed, given as [out, in].
void pack_panels(const Tensor& weights, bool transposed, float* panels);
struct Columns {
  std::int64_t first, count;
};
/// Packs some outputs of weights [in, out] in panels of `width`: [count / width rounded up][in][width], zeros beyond.
void pack_outputs_plain(const Tensor& weights, const Columns& outputs, std::int64_t width, float* panels);
/// y = x W or y += x W.
void multiply_panels(const Tensor& x, const float* panels, const Tensor& y, Accumulate accumulate);
/// The same of weights [in, out], or [out, in] if they are transposed, that are packed on the way: for many rows.
void multiply_lying(const Tensor& x, const Tensor& weights, bool transposed, const Tensor& y, Accumulate accumulate);
/// matmul_gradient of at least one row, of floats or of floats that are rounded to bfloat16 first.
void multiply_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate, bool to_bfloat16);

}  // namespace heed
