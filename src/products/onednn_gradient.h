#pragma once
#include <span>

#include "heed/products/matmul.h"

namespace heed {

/// matmul_gradient by oneDNN, of numbers that are rounded to bfloat16.
void onednn_gradient(std::span<const GradientRows> parts, const Tensor& dw, Accumulate accumulate);

}  // namespace heed
