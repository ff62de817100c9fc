#pragma once
#include "heed/tensor/tensor.h"

namespace heed {

/// One step of a GRU cell (Cho et al. 2014) for n rows, in the form whose reset gate acts on the recurrent product (as
/// in cuDNN and PyTorch), so that there is one recurrent product:
///   r, z = sigmoid(gates_r + u_r, gates_z + u_z);  n = tanh(gates_n + r u_n);  h = (1 - z) n + z h'
/// with u = recurrent + recurrent_bias. The gates stand in the order r, z, n.
struct GruForward {
  Tensor gates;                 ///< [n, 3H] sums of the inputs' products in; r, z and n out
  const float* bias;            ///< [3H] of the gates
  Tensor recurrent;             ///< [n, 3H] recurrent products in; u_n out, in the last third
  const float* recurrent_bias;  ///< [3H]
  Tensor previous;              ///< [m, H] h', m <= n: the rows after them start from zero
  Tensor hidden;                ///< [n, H] out
};
void gru_forward(const GruForward& step);

struct GruBackward {
  Tensor gates;              ///< [n, 3H] r, z and n in; gradients of the gates' sums out
  Tensor recurrent;          ///< [n, 3H] u_n in; gradients of u out
  Tensor previous;           ///< [m, H]
  Tensor hidden_gradient;    ///< [n, H]
  Tensor previous_gradient;  ///< [m, H] added to: what does not go through the recurrent product
};
void gru_backward(const GruBackward& step);

}  // namespace heed
