#pragma once
#include <span>

#include "heed/products/matmul.h"

namespace heed {

/// The numbers that the rows of a gradient are multiplied as: float32, float32 rounded to bfloat16, bfloat16.
enum class GradientOperand { kFloat32, kRounded, kBfloat16 };

/// matmul_gradient by oneDNN.
template <GradientOperand kOperand>
void onednn_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate);

}  // namespace heed
