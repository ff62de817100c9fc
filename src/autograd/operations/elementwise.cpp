#include "heed/kernels/elementwise.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "heed/autograd/checks.h"

namespace heed {
namespace {

Variable like(Tape& tape, const Variable& x) { return tape.variable(x.rows(), x.columns()); }

float dot(const float* a, const float* b, std::int64_t count) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return static_cast<float>(sum);
}

void add_rows(const Tensor& from, const Tensor& to) { add_scaled(from.data, 1.0F, to.data, from.size()); }

}  // namespace

Variable add(Tape& tape, const Variable& a, const Variable& b) {
  ArgumentCheck("add").same_shape("a", a, "b", b);
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

Variable scale(Tape& tape, const Variable& x, float factor) {
  ArgumentCheck("scale").given("x", x);
  if (factor == 1.0F) return x;
  Variable out = tape.variable(tape.arena().zeros(x.rows(), x.columns()));
  add_scaled(x.value().data, factor, out.value().data, out.value().size());
  tape.record([x, out, factor] {
    if (out.has_gradient()) add_scaled(out.gradient().data, factor, x.gradient().data, x.value().size());
  });
  return out;
}

Variable scale(Tape& tape, const Variable& x, const Variable& factor) {
  const ArgumentCheck check("scale");
  check.given("x", x);
  check.shape("factor", factor, 1, 1);
  Variable out = tape.variable(tape.arena().zeros(x.rows(), x.columns()));
  add_scaled(x.value().data, factor.value().data[0], out.value().data, out.value().size());
  tape.record([x, factor, out] {
    if (!out.has_gradient()) return;
    const Tensor dy = out.gradient();
    add_scaled(dy.data, factor.value().data[0], x.gradient().data, dy.size());
    factor.gradient().data[0] += dot(x.value().data, dy.data, dy.size());
  });
  return out;
}

Variable weight_norm(Tape& tape, const Variable& v, const Variable& gain) {
  const ArgumentCheck check("weight_norm");
  check.given("v", v);
  check.shape("gain", gain, 1, 1);
  Variable out = tape.variable(tape.arena().zeros(v.rows(), v.columns()));
  const std::int64_t size = v.value().size();
  const float length = std::sqrt(dot(v.value().data, v.value().data, size));
  add_scaled(v.value().data, gain.value().data[0] / length, out.value().data, size);
  tape.record([v, gain, out, length, size] {
    if (!out.has_gradient()) return;
    const float* dy = out.gradient().data;
    // Salimans and Kingma 2016, equation 3.
    const float d_gain = dot(dy, v.value().data, size) / length;
    const float factor = gain.value().data[0] / length;
    gain.gradient().data[0] += d_gain;
    add_scaled(dy, factor, v.gradient().data, size);
    add_scaled(v.value().data, -factor * d_gain / length, v.gradient().data, size);
  });
  return out;
}

Variable mean(Tape& tape, std::span<const Variable> parts) {
  const ArgumentCheck check("mean");
  check.that(!parts.empty(), "there are no parts");
  for (const Variable& part : parts) check.same_shape("the first part", parts.front(), "another", part);
  if (parts.size() == 1) return parts.front();
  const float share = 1.0F / static_cast<float>(parts.size());
  Variable out = tape.variable(tape.arena().zeros(parts.front().rows(), parts.front().columns()));
  for (const Variable& part : parts) add_scaled(part.value().data, share, out.value().data, out.value().size());
  if (!tape.recording()) return out;
  const std::span<const Variable> kept = tape.arena().copy(parts);
  tape.record([kept, out, share] {
    if (!out.has_gradient()) return;
    for (const Variable& part : kept) {
      add_scaled(out.gradient().data, share, part.gradient().data, part.value().size());
    }
  });
  return out;
}

Variable multiply(Tape& tape, const Variable& a, const Variable& b) {
  ArgumentCheck("multiply").same_shape("a", a, "b", b);
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

Variable tanh(Tape& tape, const Variable& x, const Variable& given) {
  const ArgumentCheck check("tanh");
  check.given("x", x);
  if (!given.empty()) check.same_shape("x", x, "out", given);
  const Variable out = given.empty() ? like(tape, x) : given;
  tanh_forward(x.value().data, out.value().data, x.value().size());
  tape.record([x, out] {
    if (!out.has_gradient()) return;
    tanh_backward(out.value().data, out.gradient().data, x.gradient().data, out.value().size());
  });
  return out;
}

Variable sigmoid(Tape& tape, const Variable& x) {
  ArgumentCheck("sigmoid").given("x", x);
  Variable out = like(tape, x);
  sigmoid_forward(x.value().data, out.value().data, x.value().size());
  tape.record([x, out] {
    if (!out.has_gradient()) return;
    sigmoid_backward(out.value().data, out.gradient().data, x.gradient().data, out.value().size());
  });
  return out;
}

namespace {

bool drops(const char* operation, const Tape& tape, double rate, const Rng* rng) {
  if (!tape.recording() || rate <= 0) return false;
  const ArgumentCheck check(operation);
  check.that(rate < 1, "the rate is not below 1");
  check.that(rng != nullptr, "there is no rng");
  return true;
}

}  // namespace

Tensor draw_dropout(Tape& tape, std::int64_t rows, std::int64_t columns, double rate, Rng* rng) {
  if (!drops("draw_dropout", tape, rate, rng)) return {};
  const Tensor mask = tape.arena().tensor(rows, columns);
  dropout_mask(rate, *rng, mask.data, mask.size());
  return mask;
}

Variable masked(Tape& tape, const Variable& x, const Tensor& mask) {
  const ArgumentCheck check("masked");
  check.given("x", x);
  if (mask.empty()) return x;
  check.shape("mask", mask, ArgumentCheck::kAny, x.columns());
  const Variable out = tape.variable(std::min(x.rows(), mask.rows), x.columns());
  multiply(x.value().data, mask.data, out.value().data, out.value().size());
  tape.record([x, out, mask] {
    if (out.has_gradient()) add_product(out.gradient().data, mask.data, x.gradient().data, out.value().size());
  });
  return out;
}

Variable dropout(Tape& tape, const Variable& x, double rate, Rng* rng) {
  ArgumentCheck("dropout").given("x", x);
  if (!drops("dropout", tape, rate, rng)) return x;
  return masked(tape, x, draw_dropout(tape, x.rows(), x.columns(), rate, rng));
}

Variable dropout_rows(Tape& tape, const Variable& x, double rate, Rng* rng) {
  ArgumentCheck("dropout_rows").given("x", x);
  if (!drops("dropout_rows", tape, rate, rng)) return x;
  const Tensor of_rows = draw_dropout(tape, x.rows(), 1, rate, rng);
  const Tensor mask = tape.arena().tensor(x.rows(), x.columns());
  for (std::int64_t r = 0; r < mask.rows; ++r) std::fill_n(mask.row(r), mask.columns, *of_rows.row(r));
  return masked(tape, x, mask);
}

Variable gather_rows(Tape& tape, const Variable& x, std::span<const int> indices) {
  const ArgumentCheck check("gather_rows");
  check.given("x", x);
  check.ids("indices", indices, ArgumentCheck::kAny, x.rows());
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

Variable resize_columns(Tape& tape, const Variable& x, std::int64_t columns, float fill) {
  const ArgumentCheck check("resize_columns");
  check.given("x", x);
  check.that(columns >= 0, "there are less than 0 columns");
  Variable out = tape.variable(x.rows(), columns);
  const std::int64_t shared = std::min(columns, x.columns());
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    float* row = out.value().row(r);
    std::fill(std::copy_n(x.value().row(r), shared, row), row + columns, fill);
  }
  tape.record([x, out, shared] {
    if (!out.has_gradient()) return;
    for (std::int64_t r = 0; r < x.rows(); ++r) {
      add_scaled(out.gradient().row(r), 1.0F, x.gradient().row(r), shared);
    }
  });
  return out;
}

Variable concat_rows(Tape& tape, std::span<const Variable> parts) {
  const ArgumentCheck check("concat_rows");
  check.that(!parts.empty(), "there are no parts");
  for (const Variable& part : parts) check.same_columns("the first part", parts.front(), "another", part);
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

Variable concat_columns(Tape& tape, std::span<const Variable> parts) {
  const ArgumentCheck check("concat_columns");
  check.that(!parts.empty(), "there are no parts");
  for (const Variable& part : parts) check.same_rows("the first part", parts.front(), "another", part);
  std::int64_t columns = 0;
  for (const Variable& part : parts) columns += part.columns();
  const Variable out = tape.variable(parts.front().rows(), columns);
  std::int64_t first = 0;
  for (const Variable& part : parts) {
    for (std::int64_t r = 0; r < out.rows(); ++r) {
      std::copy_n(part.value().row(r), part.columns(), out.value().row(r) + first);
    }
    first += part.columns();
  }
  if (!tape.recording()) return out;
  const std::span<const Variable> kept = tape.arena().copy(parts);
  tape.record([kept, out] {
    if (!out.has_gradient()) return;
    const Tensor dy = out.gradient();
    std::int64_t at = 0;
    for (const Variable& part : kept) {
      const Tensor dx = part.gradient();
      for (std::int64_t r = 0; r < dy.rows; ++r) add_scaled(dy.row(r) + at, 1.0F, dx.row(r), dx.columns);
      at += dx.columns;
    }
  });
  return out;
}

}  // namespace heed
