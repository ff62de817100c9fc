#include "heed/autograd/parameter.h"

#include <algorithm>

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
    const bool lies = for_training && precision == Precision::kFloat32 && fast_where_weights_lie();
    return p.role == Role::kWeight || (p.role == Role::kHoistedWeight && !lies);
  };
  // Shares by size, in the fixed order of the list.
  std::int64_t total = 0;
  for (const Parameter* parameter : all_) total += is_packed(*parameter) ? parameter->size() : 0;
  if (part == 0) quantize_tables(precision);
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

void ParameterList::quantize_tables(Precision precision) {
  for (Parameter* parameter : all_) {
    if (parameter->role != Role::kEmbedding) continue;
    parameter->table = precision == Precision::kInt8
                           ? quantize_table(parameter->value.view(), tables_[parameter->index])
                           : QuantizedTable{};
  }
}

}  // namespace heed
