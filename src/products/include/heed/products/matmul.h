#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "heed/base/export.h"
#include "heed/products/packed_weights.h"
#include "heed/products/precision.h"
#include "heed/tensor/output_parts.h"
#include "heed/tensor/tensor.h"

namespace HEED_ENGINE_API heed {

/// Whether a product is added to the output or replaces it.
enum class Accumulate { kNo, kYes };

/// y = x W, or y += x W. x [rows, in], y [rows, out]. A row of y is the same for any number of rows, to the bit.
void matmul(const Tensor& x, const PackedWeights& weights, const Tensor& y, Accumulate accumulate);

/// y = x W, told in parts: in one where the way to multiply makes all outputs at once.
void matmul(const Tensor& x, const PackedWeights& weights, const Tensor& y, const OutputParts& parts);

/// x W of a sum.
struct ProductTerm {
  Tensor x;
  const PackedWeights* weights;
};
/// y = sum of the terms' products, or y += it. A term with fewer rows than y is added to its first rows; with
/// Accumulate::kNo the first term has all rows.
void matmul(std::span<const ProductTerm> terms, const Tensor& y, Accumulate accumulate);

/// What clocks call matmul() and matmul_gradient() (WorkScope).
inline constexpr std::string_view kProductWork = "product";
inline constexpr std::string_view kGradientWork = "gradient";

/// A part of the rows of a weight's inputs x [n, in], and of its outputs' gradients dy [n, out].
struct GradientRows {
  Tensor x;
  Tensor dy;
};
/// dw = x^T dy, or dw += x^T dy over all rows of all parts: the gradient of a weight. dw [in, out]. With kBfloat16 x
/// and dy are rounded to it, the sums stay float32.
void matmul_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate,
                     Precision precision = Precision::kFloat32);
/// The same in a given way, for tests and benchmarks.
void matmul_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate,
                     const ProductWay& way);

}  // namespace heed
