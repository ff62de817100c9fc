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
  Tensor hidden;         ///< [n, H] out; empty: left to lstm_output_forward()
};
void lstm_forward(const LstmForward& step);

struct LstmBackward {
  Tensor gates;                   ///< [n, 4H] activated gates in; gradients of the sums out
  Tensor cell;                    ///< [n, H]
  Tensor previous_cell;           ///< [m, H]
  Tensor hidden_gradient;         ///< [n, H]; empty: lstm_output_backward() has done the output gate
  Tensor cell_gradient;           ///< [n, H] from later steps
  Tensor previous_cell_gradient;  ///< [m, H] added to
};
void lstm_backward(const LstmBackward& step);

/// The output of a cell whose tanh reads other values than c, here the normalised c: h = o tanh(read)
struct LstmOutputForward {
  Tensor gates;   ///< [n, 4H] activated
  Tensor read;    ///< [n, H]
  Tensor hidden;  ///< [n, H] out
};
void lstm_output_forward(const LstmOutputForward& output);

struct LstmOutputBackward {
  Tensor gates;            ///< [n, 4H] activated; in place of o the gradient of its sum out
  Tensor read;             ///< [n, H] in; its gradient out
  Tensor hidden_gradient;  ///< [n, H]
};
void lstm_output_backward(const LstmOutputBackward& output);

}  // namespace heed
