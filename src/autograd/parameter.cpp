#include "heed/autograd/parameter.h"

#include <algorithm>

#include "heed/autograd/checks.h"

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
  const ArgumentCheck check("pack");
  check.share(part, parts);
  for (const Parameter* parameter : all_) check.values(parameter);
  // Hoisted float32 weights are read unpacked: always in the backward pass, in the forward pass with AVX-512 only.
  // A tied embedding lies as the backward pass reads it.
  const auto lies_backward = [&](const Parameter& p) {
    return for_training && precision == Precision::kFloat32 &&
           (p.role == ParameterRole::kHoistedWeight || (p.tied && fast_where_weights_lie()));
  };
  const auto lies = [&](const Parameter& p) { return lies_backward(p) && !p.tied && fast_where_weights_lie(); };
  // Shares by size, in the fixed order of the list.
  std::int64_t total = 0;
  for (const Parameter* parameter : all_) total += parameter->is_weight() && !lies(*parameter) ? parameter->size() : 0;
  if (part == 0) {
    ++packings_;
    quantize_tables(precision);
  }
  std::int64_t seen = 0;
  for (Parameter* parameter : all_) {
    if (!parameter->is_weight()) continue;
    const Tensor& value = parameter->value.view();
    if (part == 0 && lies_backward(*parameter) && parameter->backward.empty()) {
      if (lies(*parameter)) parameter->forward.refer(value, false);
      parameter->backward.refer(value, !parameter->tied);
    }
    if (lies(*parameter)) continue;
    const bool mine = seen * parts / std::max<std::int64_t>(total, 1) == part;
    seen += parameter->size();
    if (!mine) continue;
    if (precision == Precision::kInt8 && parameter->tied) continue;  // with the tables
    parameter->forward.pack(value, parameter->tied, precision);
    if (!for_training) {
      parameter->backward = PackedWeights();  // out of date from now on
    } else if (!lies_backward(*parameter)) {
      parameter->backward.pack(value, !parameter->tied, precision);
    }
  }
}

void ParameterList::quantize_tables(Precision precision) {
  for (Parameter* parameter : all_) {
    if (parameter->role != ParameterRole::kEmbedding) continue;
    parameter->table = {};
    if (precision != Precision::kInt8) continue;
    QuantizedStorage& storage = tables_[parameter->index];
    if (!parameter->tied) {
      parameter->table = quantize_table(parameter->value.view(), storage);
      continue;
    }
    const QuantizedWeights weights = quantize_transposed(parameter->value.view(), storage);
    parameter->table = QuantizedTable::of(weights);
    parameter->forward.refer(weights);
    parameter->backward = PackedWeights();
  }
}

}  // namespace heed
