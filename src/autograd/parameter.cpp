#include "heed/autograd/parameter.h"

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
  // Shares by size, in the fixed order of the list.
  std::int64_t weights = 0;
  for (const Parameter* parameter : all_) weights += parameter->role == Role::kWeight ? parameter->size() : 0;
  std::int64_t seen = 0;
  for (Parameter* parameter : all_) {
    if (parameter->role != Role::kWeight) continue;
    const bool mine = seen * parts / std::max<std::int64_t>(weights, 1) == part;
    seen += parameter->size();
    if (!mine) continue;
    parameter->forward.pack(parameter->value.view(), false, precision);
    if (for_training) parameter->backward.pack(parameter->value.view(), true, precision);
  }
}

GradientStore::GradientStore(const ParameterList& parameters) : parameters_(parameters), flat_(1, parameters.total()) {}

Tensor GradientStore::of(const Parameter& parameter) const {
  return {flat_.view().data + parameters_.offset(parameter.index), parameter.rows(), parameter.columns()};
}

void GradientStore::zero() {
  std::memset(flat_.view().data, 0, static_cast<std::size_t>(flat_.view().size()) * sizeof(float));
}

}  // namespace heed
