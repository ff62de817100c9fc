#include <algorithm>
#include <cstring>

#include "fmt/format.h"
#include "heed/autograd/checks.h"
#include "heed/base/error.h"
#include "heed/kernels/elementwise.h"

namespace heed {

void check_ids(const Parameter& table, std::span<const int> ids) {
  for (const int id : ids) {
    if (id < 0 || id >= table.rows()) {
      throw Error(
          ErrorKind::kArgument,
          fmt::format("embedding: token id {} is outside the table {} of {} rows", id, table.name, table.rows()),
          {.operation = "embedding"});
    }
  }
}

Variable embedding(Tape& tape, const Parameter& table, std::span<const int> ids) {
  if (table.table.empty()) ArgumentCheck("embedding").values(&table);
  check_ids(table, ids);
  const Tensor& values = table.value.view();
  Variable out = tape.variable(static_cast<std::int64_t>(ids.size()), values.columns);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    float* row = out.value().row(static_cast<std::int64_t>(i));
    if (table.table.empty()) {
      std::copy_n(values.row(ids[i]), values.columns, row);
    } else {
      table.table.read(ids[i], row);
    }
  }
  if (!tape.recording()) return out;
  const std::span<const int> kept = tape.arena().copy(ids);
  tape.record([&tape, &table, out, kept] {
    if (out.has_gradient()) tape.add_row_gradients(table, kept, out.gradient());
  });
  return out;
}

namespace {

// All of them have the same rows.
void check_sum(const ArgumentCheck& check, const Tape& tape, std::span<const LinearTerm> terms, const Parameter* bias) {
  check.that(!terms.empty() && terms.front().weight != nullptr, "there is no weight");
  const std::int64_t columns = terms.front().weight->columns();
  check.terms(tape, terms, columns);
  for (const LinearTerm& term : terms) check.shape("x", term.x, terms.front().x.rows(), ArgumentCheck::kAny);
  if (bias != nullptr) check.vector(bias, columns);
}

// y = the bias in every row, or nothing yet; says how the first product is to be stored.
Accumulate start_sum(const Tensor& y, const Parameter* bias) {
  if (bias == nullptr) return Accumulate::kNo;
  const Tensor& values = bias->value.view();
  for (std::int64_t r = 0; r < y.rows; ++r) {
    std::memcpy(y.row(r), values.data, static_cast<std::size_t>(values.columns) * sizeof(float));
  }
  return Accumulate::kYes;
}

// y = the sum of the terms and the bias.
void compute_sum(Tape& tape, std::span<const LinearTerm> terms, const Parameter* bias, const Tensor& y) {
  const Accumulate accumulate = start_sum(y, bias);
  const std::span<ProductTerm> products = tape.arena().array<ProductTerm>(terms.size());
  for (std::size_t i = 0; i < products.size(); ++i) {
    products[i] = {terms[i].x.value(), &terms[i].weight->forward};
  }
  matmul(products, y, accumulate);
}

void hand_on(Tape& tape, std::span<const LinearTerm> terms, const Parameter* bias, const Tensor& dy) {
  if (bias != nullptr) tape.add_bias_gradient(*bias, dy);
  for (const LinearTerm& term : terms) {
    tape.add_weight_gradient(*term.weight, term.x.value(), dy);
    matmul(dy, term.weight->backward, term.x.gradient(), Accumulate::kYes);
  }
}

}  // namespace

Variable value_of(Tape& tape, const Parameter& parameter) {
  ArgumentCheck("value_of").values(&parameter);
  const Variable out = tape.variable(parameter.value.view());
  tape.record([&tape, &parameter, out] {
    if (out.has_gradient()) tape.add_gradient(parameter, out.gradient());
  });
  return out;
}

Variable linear(Tape& tape, std::span<const LinearTerm> terms, const Parameter* bias) {
  check_sum(ArgumentCheck("linear"), tape, terms, bias);
  const Variable out = tape.variable(terms.front().x.rows(), terms.front().weight->columns());
  compute_sum(tape, terms, bias, out.value());
  if (!tape.recording()) return out;
  const std::span<const LinearTerm> kept = tape.arena().copy(terms);
  tape.record([&tape, kept, bias, out] {
    if (out.has_gradient()) hand_on(tape, kept, bias, out.gradient());
  });
  return out;
}

Variable tanh_linear(Tape& tape, std::span<const LinearTerm> terms, const Parameter* bias, const Variable& out) {
  const ArgumentCheck check("tanh_linear");
  check_sum(check, tape, terms, bias);
  if (!out.empty()) check.shape("out", out, terms.front().x.rows(), terms.front().weight->columns());
  const Variable y = out.empty() ? tape.variable(terms.front().x.rows(), terms.front().weight->columns()) : out;
  compute_sum(tape, terms, bias, y.value());
  tanh_forward(y.value().data, y.value().data, y.value().size());
  if (!tape.recording()) return y;
  const std::span<const LinearTerm> kept = tape.arena().copy(terms);
  tape.record([&tape, kept, bias, y] {
    if (!y.has_gradient()) return;
    const Tensor dy = y.gradient();
    tanh_backward(y.value().data, dy.data, dy.size());
    hand_on(tape, kept, bias, dy);
  });
  return y;
}

}  // namespace heed
