#include "heed/autograd/parameter.h"

#include <algorithm>
#include <cstring>

namespace heed {

ParameterList::ParameterList(const std::function<void(const ParameterVisitor&)>& visit) {
  visit([this](Parameter& parameter) {
    parameter.index = static_cast<int>(all_.size());
    all_.push_back(&parameter);
    offsets_.push_back(total_);
    total_ += (parameter.size() + 15) / 16 * 16;  // each starts on a cache line
  });
}

void ParameterList::pack(Precision precision, bool for_training, int part, int parts) {
  const auto is_weight = [](const Parameter& p) { return p.role == Role::kWeight || p.role == Role::kHoistedWeight; };
  const auto is_packed = [&](const Parameter& p) {
    return p.role == Role::kWeight || (p.role == Role::kHoistedWeight && !for_training);
  };
  // Shares by size, in the fixed order of the list.
  std::int64_t total = 0;
  for (const Parameter* parameter : all_) total += is_packed(*parameter) ? parameter->size() : 0;
  std::int64_t seen = 0;
  for (Parameter* parameter : all_) {
    if (!is_weight(*parameter)) continue;
    const Tensor& value = parameter->value.view();
    if (!is_packed(*parameter)) {
      if (part != 0 || !parameter->backward.empty()) continue;
      parameter->forward.refer(value, false);
      parameter->backward.refer(value, true);
      continue;
    }
    const bool mine = seen * parts / std::max<std::int64_t>(total, 1) == part;
    seen += parameter->size();
    if (!mine) continue;
    parameter->forward.pack(value, false, precision);
    if (for_training) {
      parameter->backward.pack(value, true, precision);
    } else {
      parameter->backward = PackedWeights();  // out of date from now on
    }
  }
}

GradientStore::GradientStore(const ParameterList& parameters)
    : parameters_(parameters),
      flat_(1, parameters.total()),
      written_(parameters.all().size()),
      touched_(parameters.all().size()) {}

Tensor GradientStore::of(const Parameter& parameter) const {
  return {flat_.view().data + parameters_.offset(parameter.index), parameter.rows(), parameter.columns()};
}

namespace {

void clear(const Tensor& x) { std::memset(x.data, 0, static_cast<std::size_t>(x.size()) * sizeof(float)); }

}  // namespace

void GradientStore::start_batch() {
  for (const Parameter* parameter : parameters_.all()) {
    const auto index = static_cast<std::size_t>(parameter->index);
    written_[index] = false;
    if (parameter->role == Role::kVector) clear(of(*parameter));
    for (const int row : touched_[index]) clear(of(*parameter).slice(row, 1));
    touched_[index].clear();
  }
}

Into GradientStore::first_write(const Parameter& weight) {
  const auto index = static_cast<std::size_t>(weight.index);
  const Into into = written_[index] ? Into::kAdd : Into::kReplace;
  written_[index] = true;
  return into;
}

void GradientStore::finish() {
  for (const Parameter* parameter : parameters_.all()) {
    const bool weight = parameter->role == Role::kWeight || parameter->role == Role::kHoistedWeight;
    if (weight && !written_[static_cast<std::size_t>(parameter->index)]) clear(of(*parameter));
  }
}

void GradientStore::touch_rows(const Parameter& table, std::span<const int> rows) {
  std::vector<int>& touched = touched_[static_cast<std::size_t>(table.index)];
  touched.insert(touched.end(), rows.begin(), rows.end());
}

void GradientStore::touch_rows_of(const GradientStore& other) {
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    touched_[i].insert(touched_[i].end(), other.touched_[i].begin(), other.touched_[i].end());
  }
}

}  // namespace heed
