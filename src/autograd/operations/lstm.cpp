#include "heed/kernels/lstm.h"

#include <algorithm>

#include "heed/autograd/checks.h"

namespace heed {

void lstm_step(Tape& tape, const LstmInput& input, const RnnState& out) {
  const ArgumentCheck check("lstm_step");
  check.same_shape("hidden", out.hidden, "cell", out.cell);
  check.gates(tape, input.gates, input.terms, out.cell.rows(), 4 * out.cell.columns());
  check.vector(input.bias, 4 * out.cell.columns());
  if (!input.previous_cell.empty()) check.same_columns("previous_cell", input.previous_cell, "cell", out.cell);
  const Tensor gates =
      input.gates.empty() ? tape.arena().tensor(out.hidden.rows(), 4 * out.hidden.columns()) : input.gates.value();
  const auto shared_rows = [](const Tensor& x, std::int64_t rows) { return x.slice(0, std::min(x.rows, rows)); };
  const std::span<ProductTerm> products = tape.arena().array<ProductTerm>(input.terms.size());
  for (std::size_t i = 0; i < products.size(); ++i) {
    const LinearTerm& term = input.terms[i];
    products[i] = {shared_rows(term.x.value(), gates.rows), &term.weight->forward};
  }
  matmul(products, gates, input.gates.empty() ? Accumulate::kNo : Accumulate::kYes);
  const Variable previous_cell = input.previous_cell;
  const Tensor previous = previous_cell.empty() ? Tensor{} : shared_rows(previous_cell.value(), gates.rows);
  lstm_forward({gates, input.bias->value.view().data, previous, out.cell.value(), out.hidden.value()});
  if (!tape.recording()) return;

  const std::span<const LinearTerm> terms = tape.arena().copy(input.terms);
  const Parameter* bias = input.bias;
  tape.record([&tape, terms, bias, gates, previous_cell, previous, out, shared_rows] {
    const Tensor d_previous = previous_cell.empty() ? Tensor{} : previous_cell.gradient().slice(0, previous.rows);
    lstm_backward({gates, out.cell.value(), previous, out.hidden.gradient(), out.cell.gradient(), d_previous});
    const Tensor& d_gates = gates;  // overwritten in place
    tape.add_bias_gradient(*bias, d_gates);
    for (const LinearTerm& term : terms) {
      const Tensor x = shared_rows(term.x.value(), d_gates.rows);
      const Tensor dy = d_gates.slice(0, x.rows);
      tape.add_weight_gradient(*term.weight, x, dy);
      matmul(dy, term.weight->backward, term.x.gradient().slice(0, x.rows), Accumulate::kYes);
    }
  });
}

}  // namespace heed
