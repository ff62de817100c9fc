#include "heed/kernels/gru.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "heed/autograd/checks.h"
#include "heed/kernels/elementwise.h"

namespace heed {
namespace {

void check_step(const Tape& tape, const GruInput& input, const Variable& hidden) {
  const ArgumentCheck check("gru_step");
  check.given("hidden", hidden);
  const std::int64_t columns = 3 * hidden.columns();
  check.gates(tape, input.gates, input.terms, hidden.rows(), columns);
  check.vector(input.bias, columns);
  check.product(tape, "hidden", hidden, input.recurrent);
  check.shape("recurrent", input.recurrent->value.view(), ArgumentCheck::kAny, columns);
  check.vector(input.recurrent_bias, columns);
  if (!input.previous.empty()) check.same_columns("previous", input.previous, "hidden", hidden);
  if (input.recurrent_input.empty()) return;
  const std::int64_t before = input.previous.empty() ? 0 : std::min(input.previous.rows(), hidden.rows());
  check.shape("recurrent_input", input.recurrent_input, before, hidden.columns());
}

Tensor shared_rows(const Tensor& x, std::int64_t rows) { return x.slice(0, std::min(x.rows, rows)); }

/// h' U in the rows that have a state before, 0 in the others.
Tensor recurrent_product(Tape& tape, const GruInput& input, const Tensor& previous, std::int64_t rows) {
  const Tensor out = tape.arena().tensor(rows, input.recurrent->columns());
  if (previous.rows > 0) matmul(previous, input.recurrent->forward, out.slice(0, previous.rows), Accumulate::kNo);
  const Tensor rest = out.slice(previous.rows, rows - previous.rows);
  std::memset(rest.data, 0, static_cast<std::size_t>(rest.size()) * sizeof(float));
  return out;
}

}  // namespace

void gru_step(Tape& tape, const GruInput& input, const Variable& hidden) {
  check_step(tape, input, hidden);
  const std::int64_t rows = hidden.rows();
  const Tensor gates = input.gates.empty() ? tape.arena().tensor(rows, 3 * hidden.columns()) : input.gates.value();
  const std::span<ProductTerm> products = tape.arena().array<ProductTerm>(input.terms.size());
  for (std::size_t i = 0; i < products.size(); ++i) {
    products[i] = {shared_rows(input.terms[i].x.value(), rows), &input.terms[i].weight->forward};
  }
  matmul(products, gates, input.gates.empty() ? Accumulate::kNo : Accumulate::kYes);
  const Variable before = input.previous;
  const Tensor previous = before.empty() ? Tensor{} : shared_rows(before.value(), rows);
  const Variable read = input.recurrent_input.empty() ? before : input.recurrent_input;
  const Tensor product_input = read.empty() ? Tensor{} : shared_rows(read.value(), rows);
  const Tensor recurrent = recurrent_product(tape, input, product_input, rows);
  gru_forward({gates, input.bias->value.view().data, recurrent, input.recurrent_bias->value.view().data, previous,
               hidden.value()});
  if (!tape.recording()) return;

  const std::span<const LinearTerm> terms = tape.arena().copy(input.terms);
  const std::array<const Parameter*, 3> own = {input.bias, input.recurrent, input.recurrent_bias};
  tape.record([&tape, terms, own, gates, recurrent, before, read, product_input, previous, hidden] {
    const Tensor d_previous = before.empty() ? Tensor{} : before.gradient().slice(0, previous.rows);
    gru_backward({gates, recurrent, previous, hidden.gradient(), d_previous});
    const Tensor& d_gates = gates;  // both overwritten in place
    const Tensor d_recurrent = recurrent.slice(0, previous.rows);
    tape.add_bias_gradient(*own[0], d_gates);
    tape.add_bias_gradient(*own[2], recurrent);
    if (previous.rows > 0) {
      tape.add_weight_gradient(*own[1], product_input, d_recurrent);
      matmul(d_recurrent, own[1]->backward, read.gradient().slice(0, previous.rows), Accumulate::kYes);
    }
    for (const LinearTerm& term : terms) {
      const Tensor x = shared_rows(term.x.value(), d_gates.rows);
      const Tensor dy = d_gates.slice(0, x.rows);
      tape.add_weight_gradient(*term.weight, x, dy);
      matmul(dy, term.weight->backward, term.x.gradient().slice(0, x.rows), Accumulate::kYes);
    }
  });
}

void normed_gru_step(Tape& tape, const NormedGruInput& input, const Variable& hidden) {
  const ArgumentCheck check("normed_gru_step");
  check.given("hidden", hidden);
  const std::int64_t rows = hidden.rows();
  const std::int64_t columns = 3 * hidden.columns();
  check.shape("gates", input.gates, rows, columns);
  check.vector(input.bias, columns);
  check.vector(input.recurrent_bias, columns);
  const std::int64_t before = input.previous.empty() ? 0 : std::min(input.previous.rows(), rows);
  if (!input.previous.empty()) check.same_columns("previous", input.previous, "hidden", hidden);
  if (!input.product.empty()) check.shape("product", input.product, before, columns);
  const Tensor recurrent = tape.arena().zeros(rows, columns);
  if (!input.product.empty()) std::copy_n(input.product.value().data, input.product.value().size(), recurrent.data);
  const Tensor gates = input.gates.value();
  const Tensor previous = input.previous.empty() ? Tensor{} : shared_rows(input.previous.value(), rows);
  gru_forward({gates, input.bias->value.view().data, recurrent, input.recurrent_bias->value.view().data, previous,
               hidden.value()});
  tape.record([&tape, input, gates, recurrent, previous, hidden] {
    const Tensor d_previous = input.previous.empty() ? Tensor{} : input.previous.gradient().slice(0, previous.rows);
    gru_backward({gates, recurrent, previous, hidden.gradient(), d_previous});  // which overwrites the first two
    tape.add_bias_gradient(*input.bias, gates);
    tape.add_bias_gradient(*input.recurrent_bias, recurrent);
    if (!input.product.empty()) {
      const Tensor d_product = input.product.gradient();
      add_scaled(recurrent.data, 1.0F, d_product.data, d_product.size());
    }
  });
}

}  // namespace heed
