#include <cstring>

#include "fmt/format.h"
#include "heed/autograd/operations.h"
#include "heed/base/error.h"
#include "heed/tensor/kernels/elementwise.h"

namespace heed {

Variable embedding(Tape& tape, const Parameter& table, std::span<const int> ids) {
  const Tensor& values = table.value.view();
  Variable out = tape.variable(static_cast<std::int64_t>(ids.size()), values.columns);
  const std::size_t bytes = static_cast<std::size_t>(values.columns) * sizeof(float);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= values.rows) {
      throw Error(fmt::format("token id {} is outside the table {} of {} rows", ids[i], table.name, values.rows));
    }
    std::memcpy(out.value().row(static_cast<std::int64_t>(i)), values.row(ids[i]), bytes);
  }
  if (!tape.recording()) return out;
  const std::span<const int> kept = tape.arena().copy(ids);
  tape.record([&tape, &table, out, kept] {
    if (!out.has_gradient()) return;
    tape.gradients().touch_rows(table, kept);
    const Tensor gradient = tape.gradients().of(table);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      add_scaled(out.gradient().row(static_cast<std::int64_t>(i)), 1.0F, gradient.row(kept[i]), gradient.columns);
    }
  });
  return out;
}

namespace {

// y = the bias in every row, or nothing yet; says how the first product is to be stored.
Into start_sum(const Tensor& y, const Parameter* bias) {
  if (bias == nullptr) return Into::kReplace;
  const Tensor& values = bias->value.view();
  for (std::int64_t r = 0; r < y.rows; ++r) {
    std::memcpy(y.row(r), values.data, static_cast<std::size_t>(values.columns) * sizeof(float));
  }
  return Into::kAdd;
}

}  // namespace

Variable linear(Tape& tape, std::initializer_list<Term> terms, const Parameter* bias) {
  const Term& first = *terms.begin();
  Variable out = tape.variable(first.x.rows(), first.weight->columns());
  Into into = start_sum(out.value(), bias);
  for (const Term& term : terms) {
    matmul(term.x.value(), term.weight->forward, out.value(), into);
    into = Into::kAdd;
  }
  if (!tape.recording()) return out;
  const std::span<const Term> kept = tape.arena().copy(std::span<const Term>(terms.begin(), terms.size()));
  tape.record([&tape, kept, bias, out] {
    if (!out.has_gradient()) return;
    const Tensor dy = out.gradient();
    if (bias != nullptr) tape.add_bias_gradient(*bias, dy);
    for (const Term& term : kept) {
      tape.add_weight_gradient(*term.weight, term.x.value(), dy);
      matmul(dy, term.weight->backward, term.x.gradient(), Into::kAdd);
    }
  });
  return out;
}

}  // namespace heed
