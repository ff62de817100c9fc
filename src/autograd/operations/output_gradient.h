#pragma once
#include "heed/autograd/operations.h"

namespace heed {

/// The gradient of an output layer's weight from rows of x and of its logits' gradients; `dw` is as the weight lies.
inline void output_gradient(const Parameter& weight, const GradientRows& rows, const Tensor& dw,
                            Accumulate accumulate) {
  const GradientRows as_it_lies = weight.tied ? GradientRows{rows.dy, rows.x} : rows;
  matmul_gradient({&as_it_lies, 1}, dw, accumulate, weight.forward.precision());
}

}  // namespace heed
