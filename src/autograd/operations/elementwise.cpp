#include "heed/tensor/kernels/elementwise.h"

#include <algorithm>
#include <cstring>

#include "heed/autograd/operations.h"

namespace heed {
namespace {

Variable like(Tape& tape, const Variable& x) { return tape.variable(x.rows(), x.columns()); }

void add_rows(const Tensor& from, const Tensor& to) { add_scaled(from.data, 1.0F, to.data, from.size()); }

}  // namespace

Variable add(Tape& tape, const Variable& a, const Variable& b) {
  Variable out = like(tape, a);
  std::memcpy(out.value().data, a.value().data, static_cast<std::size_t>(a.value().size()) * sizeof(float));
  add_rows(b.value(), out.value());
  tape.record([a, b, out] {
    if (!out.has_gradient()) return;
    add_rows(out.gradient(), a.gradient());
    add_rows(out.gradient(), b.gradient());
  });
  return out;
}

Variable multiply(Tape& tape, const Variable& a, const Variable& b) {
  Variable out = like(tape, a);
  multiply(a.value().data, b.value().data, out.value().data, a.value().size());
  tape.record([a, b, out] {
    if (!out.has_gradient()) return;
    const Tensor dy = out.gradient();
    add_product(dy.data, b.value().data, a.gradient().data, dy.size());
    add_product(dy.data, a.value().data, b.gradient().data, dy.size());
  });
  return out;
}

Variable tanh(Tape& tape, const Variable& x) {
  Variable out = like(tape, x);
  tanh_forward(x.value().data, out.value().data, x.value().size());
  tape.record([x, out] {
    if (!out.has_gradient()) return;
    tanh_backward(out.value().data, out.gradient().data, x.gradient().data, out.value().size());
  });
  return out;
}

Variable sigmoid(Tape& tape, const Variable& x) {
  Variable out = like(tape, x);
  sigmoid_forward(x.value().data, out.value().data, x.value().size());
  tape.record([x, out] {
    if (!out.has_gradient()) return;
    sigmoid_backward(out.value().data, out.gradient().data, x.gradient().data, out.value().size());
  });
  return out;
}

Variable dropout(Tape& tape, const Variable& x, double rate, Rng* rng) {
  if (!tape.recording() || rate <= 0) return x;
  Variable out = like(tape, x);
  const Tensor mask = tape.arena().tensor(x.rows(), x.columns());
  dropout_mask(rate, *rng, mask.data, mask.size());
  multiply(x.value().data, mask.data, out.value().data, mask.size());
  tape.record([x, out, mask] {
    if (out.has_gradient()) add_product(out.gradient().data, mask.data, x.gradient().data, mask.size());
  });
  return out;
}

Variable gather_rows(Tape& tape, const Variable& x, std::span<const int> indices) {
  const std::int64_t columns = x.columns();
  Variable out = tape.variable(static_cast<std::int64_t>(indices.size()), columns);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::copy_n(x.value().row(indices[i]), columns, out.value().row(static_cast<std::int64_t>(i)));
  }
  if (!tape.recording()) return out;
  const std::span<const int> kept = tape.arena().copy(indices);
  tape.record([x, out, kept] {
    if (!out.has_gradient()) return;
    const Tensor dx = x.gradient();
    const Tensor dy = out.gradient();
    for (std::size_t i = 0; i < kept.size(); ++i) {
      add_scaled(dy.row(static_cast<std::int64_t>(i)), 1.0F, dx.row(kept[i]), dx.columns);
    }
  });
  return out;
}

Variable concat_rows(Tape& tape, std::span<const Variable> parts) {
  std::int64_t rows = 0;
  for (const Variable& part : parts) rows += part.rows();
  Variable out = tape.variable(rows, parts.front().columns());
  float* to = out.value().data;
  for (const Variable& part : parts) to = std::copy_n(part.value().data, part.value().size(), to);
  const std::span<const Variable> kept = tape.arena().copy(parts);
  tape.record([kept, out] {
    if (!out.has_gradient()) return;
    const float* from = out.gradient().data;
    for (const Variable& part : kept) {
      add_scaled(from, 1.0F, part.gradient().data, part.value().size());
      from += part.value().size();
    }
  });
  return out;
}

Variable concat_columns(Tape& tape, const Variable& a, const Variable& b) {
  Variable out = tape.variable(a.rows(), a.columns() + b.columns());
  for (std::int64_t r = 0; r < a.rows(); ++r) {
    std::copy_n(a.value().row(r), a.columns(), out.value().row(r));
    std::copy_n(b.value().row(r), b.columns(), out.value().row(r) + a.columns());
  }
  tape.record([a, b, out] {
    if (!out.has_gradient()) return;
    const Tensor dy = out.gradient();
    const Tensor da = a.gradient();
    const Tensor db = b.gradient();
    for (std::int64_t r = 0; r < dy.rows; ++r) {
      add_scaled(dy.row(r), 1.0F, da.row(r), da.columns);
      add_scaled(dy.row(r) + da.columns, 1.0F, db.row(r), db.columns);
    }
  });
  return out;
}

}  // namespace heed
