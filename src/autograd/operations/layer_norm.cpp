#include "heed/kernels/layer_norm.h"

#include <algorithm>

#include "heed/autograd/checks.h"
#include "heed/kernels/elementwise.h"
#include "heed/kernels/lstm.h"

namespace heed {

Variable layer_norm(Tape& tape, const Variable& x, const Parameter& gain, const Parameter* bias) {
  const ArgumentCheck check("layer_norm");
  check.given("x", x);
  check.vector(&gain, x.columns());
  if (bias != nullptr) check.vector(bias, x.columns());
  const Variable out = tape.variable(x.rows(), x.columns());
  float* scale = tape.arena().array<float>(static_cast<std::size_t>(x.rows())).data();
  const float* shift = bias == nullptr ? nullptr : bias->value.view().data;
  layer_norm_forward({x.value(), gain.value.view().data, shift, scale, out.value()});
  tape.record([&tape, &gain, bias, x, out, scale] {
    if (!out.has_gradient()) return;
    const Tensor dy = out.gradient();
    layer_norm_backward({x.value(), gain.value.view().data, scale, dy, x.gradient()});
    tape.add_bias_gradient(gain, x.value());
    if (bias != nullptr) tape.add_bias_gradient(*bias, dy);
  });
  return out;
}

void add_to_gates(Tape& tape, const Variable& x, const Variable& gates) {
  const ArgumentCheck check("add_to_gates");
  check.given("x", x);
  check.first_rows("gates", gates, x.rows(), x.columns());
  check.replaced(tape, "gates", gates);
  add_scaled(x.value().data, 1.0F, gates.value().data, x.value().size());
  tape.record([x, gates] { add_scaled(gates.gradient().data, 1.0F, x.gradient().data, x.value().size()); });
}

void normed_lstm_step(Tape& tape, const NormedLstmInput& input, const RnnState& out) {
  const ArgumentCheck check("normed_lstm_step");
  check.same_shape("hidden", out.hidden, "cell", out.cell);
  const std::int64_t width = out.cell.columns();
  check.shape("gates", input.gates, out.cell.rows(), 4 * width);
  check.replaced(tape, "gates", input.gates);
  check.vector(input.bias, 4 * width);
  check.vector(input.cell_gain, width);
  check.vector(input.cell_bias, width);
  if (!input.previous_cell.empty()) check.same_columns("previous_cell", input.previous_cell, "cell", out.cell);
  const Tensor gates = input.gates.value();
  const Variable previous_cell = input.previous_cell;
  const Tensor previous =
      previous_cell.empty() ? Tensor{} : previous_cell.value().slice(0, std::min(previous_cell.rows(), gates.rows));
  const Tensor cell = out.cell.value();
  lstm_forward({gates, input.bias->value.view().data, previous, cell, {}});
  const Tensor normalized = tape.arena().tensor(cell.rows, cell.columns);
  std::copy_n(cell.data, cell.size(), normalized.data);
  const Tensor read = tape.arena().tensor(cell.rows, cell.columns);
  float* scale = tape.arena().array<float>(static_cast<std::size_t>(cell.rows)).data();
  const Parameter* gain = input.cell_gain;
  const Parameter* shift = input.cell_bias;
  layer_norm_forward({normalized, gain->value.view().data, shift->value.view().data, scale, read});
  lstm_output_forward({gates, read, out.hidden.value()});
  const Parameter* bias = input.bias;
  tape.record([&tape, gates, bias, gain, shift, scale, normalized, read, previous_cell, previous, out] {
    lstm_output_backward({gates, read, out.hidden.gradient()});
    const Tensor& d_read = read;  // overwritten in place
    layer_norm_backward({normalized, gain->value.view().data, scale, d_read, out.cell.gradient()});
    tape.add_bias_gradient(*gain, normalized);
    tape.add_bias_gradient(*shift, d_read);
    const Tensor d_previous = previous_cell.empty() ? Tensor{} : previous_cell.gradient().slice(0, previous.rows);
    lstm_backward({gates, out.cell.value(), previous, {}, out.cell.gradient(), d_previous});
    tape.add_bias_gradient(*bias, gates);
  });
}

}  // namespace heed
