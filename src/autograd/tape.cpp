#include "heed/autograd/tape.h"

#include <algorithm>

#include "heed/autograd/checks.h"

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
  ArgumentCheck("view").rows("x", x, first, count);
  return Variable(arena_->make<Variable::Node>(x.value().slice(first, count), Tensor{}, x.node_, first, arena_));
}

void Tape::backward() {
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) step->run(step->data);
  steps_.clear();
  // The last step came first.
  for (Collected& collected : collected_) {
    std::reverse(collected.products.begin(), collected.products.end());
    std::reverse(collected.rows.begin(), collected.rows.end());
    std::reverse(collected.sums.begin(), collected.sums.end());
  }
}

void Tape::clear() {
  steps_.clear();
  shared_.clear();
  for (Collected& collected : collected_) {
    collected.products.clear();
    collected.rows.clear();
    collected.sums.clear();
  }
}

Tape::Collected& Tape::collecting(const Parameter& parameter) {
  ArgumentCheck("add_gradient").that(parameter.index >= 0, "the parameter is in no ParameterList");
  const auto index = static_cast<std::size_t>(parameter.index);
  if (index >= collected_.size()) collected_.resize(index + 1);
  return collected_[index];
}

const Tape::Collected& Tape::collected(const Parameter& parameter) const {
  static const Collected nothing;
  const auto index = static_cast<std::size_t>(parameter.index);
  return index < collected_.size() ? collected_[index] : nothing;
}

void Tape::add_weight_gradient(const Parameter& weight, const Tensor& x, const Tensor& dy) {
  if (x.rows > 0) collecting(weight).products.push_back({x, dy});
}

void Tape::add_bias_gradient(const Parameter& bias, const Tensor& dy) {
  collecting(bias).products.push_back({Tensor{}, dy});
}

void Tape::add_row_gradients(const Parameter& table, std::span<const int> ids, const Tensor& dy) {
  collecting(table).rows.push_back({ids, dy});
}

void Tape::add_gradient(const Parameter& parameter, const Tensor& gradient) {
  collecting(parameter).sums.push_back(gradient);
}

Tensor Tape::shared_gradient(const Parameter& parameter) {
  const auto index = static_cast<std::size_t>(parameter.index);
  if (index >= shared_.size()) shared_.resize(index + 1);
  if (shared_[index].empty()) {
    shared_[index] = arena_->zeros(parameter.rows(), parameter.columns());
    add_gradient(parameter, shared_[index]);
  }
  return shared_[index];
}

}  // namespace heed
