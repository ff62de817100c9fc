#include "heed/autograd/tape.h"

#include <algorithm>
#include <cstring>

#include "heed/tensor/kernels/elementwise.h"

namespace heed {

Tensor Variable::gradient_of(Node& node) {
  if (node.whole != nullptr) return gradient_of(*node.whole).slice(node.first, node.value.rows);
  if (node.gradient.empty()) node.gradient = node.arena->zeros(node.value.rows, node.value.columns);
  return node.gradient;
}

bool Variable::touched(const Node& node) {
  return node.whole != nullptr ? touched(*node.whole) : !node.gradient.empty();
}

Variable Tape::variable(const Tensor& value) {
  return Variable(arena_->make<Variable::Node>(value, Tensor{}, nullptr, std::int64_t{0}, arena_));
}

Variable Tape::view(const Variable& x, std::int64_t first, std::int64_t count) {
  return Variable(arena_->make<Variable::Node>(x.value().slice(first, count), Tensor{}, x.node_, first, arena_));
}

void Tape::backward() {
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) step->run(step->data);
  steps_.clear();
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (pending_[i].empty()) continue;
    flush(*parameters_[i], pending_[i]);
    pending_[i].clear();
  }
  if (recording()) gradients_->finish();
}

void Tape::clear() {
  steps_.clear();
  for (auto& slices : pending_) slices.clear();
}

std::vector<Tape::Slice>& Tape::pending(const Parameter& parameter) {
  const auto index = static_cast<std::size_t>(parameter.index);
  if (index >= pending_.size()) {
    pending_.resize(index + 1);
    parameters_.resize(index + 1);
  }
  parameters_[index] = &parameter;
  return pending_[index];
}

void Tape::add_weight_gradient(const Parameter& weight, const Tensor& x, const Tensor& dy) {
  if (x.rows > 0) pending(weight).push_back({x, dy});
}

void Tape::add_bias_gradient(const Parameter& bias, const Tensor& dy) { pending(bias).push_back({Tensor{}, dy}); }

void Tape::flush(const Parameter& parameter, std::span<Slice> slices) {
  // The last step came first.
  std::reverse(slices.begin(), slices.end());
  const Tensor gradient = gradients_->of(parameter);
  if (parameter.role == Role::kVector) {
    for (const Slice& slice : slices) add_column_sums(slice.dy, gradient.data);
    return;
  }
  std::int64_t rows = 0;
  for (const Slice& slice : slices) rows += slice.x.rows;
  matmul_gradient(joined(slices, &Slice::x, rows), joined(slices, &Slice::dy, rows), gradient,
                  gradients_->first_write(parameter));
}

Tensor Tape::joined(std::span<const Slice> slices, Tensor Slice::*part, std::int64_t rows) {
  const Tensor& first = slices.front().*part;
  bool contiguous = true;
  for (std::size_t i = 1; contiguous && i < slices.size(); ++i) {
    const Tensor& before = slices[i - 1].*part;
    contiguous = (slices[i].*part).data == before.data + before.size();
  }
  if (contiguous) return {first.data, rows, first.columns};
  const Tensor out = arena_->tensor(rows, first.columns);
  float* to = out.data;
  for (const Slice& slice : slices) {
    const Tensor& from = slice.*part;
    std::memcpy(to, from.data, static_cast<std::size_t>(from.size()) * sizeof(float));
    to += from.size();
  }
  return out;
}

}  // namespace heed
