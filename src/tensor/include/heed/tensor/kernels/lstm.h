#pragma once
#include "heed/tensor/tensor.h"

namespace heed {

/// One step of an LSTM cell (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000) for n rows:
///   i, f, o = sigmoid(gates_i, gates_f, gates_o);  g = tanh(gates_g);  c = f c' + i g;  h = o tanh(c)
/// The gates stand in the order i, f, g, o.
struct LstmForward {
  Tensor gates;          ///< [n, 4H] sums of products in; activated gates out
  const float* bias;     ///< [4H]
  Tensor previous_cell;  ///< [m, H], m <= n: the rows after them start from zero
  Tensor cell;           ///< [n, H] out
  Tensor hidden;         ///< [n, H] out
};
void lstm_forward(const LstmForward& step);

struct LstmBackward {
  Tensor gates;                   ///< [n, 4H] activated gates in; gradients of the sums out
  Tensor cell;                    ///< [n, H]
  Tensor previous_cell;           ///< [m, H]
  Tensor hidden_gradient;         ///< [n, H]
  Tensor cell_gradient;           ///< [n, H] from later steps
  Tensor previous_cell_gradient;  ///< [m, H] added to
};
void lstm_backward(const LstmBackward& step);

}  // namespace heed
