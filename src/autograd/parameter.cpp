#include "heed/autograd/parameter.h"

#include <algorithm>

#include "fair_share.h"
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
  const auto lies_backward = [&](const Parameter& p) {
    return for_training && precision == Precision::kFloat32 && p.role == ParameterRole::kHoistedWeight;
  };
  const auto lies = [&](const Parameter& p) { return lies_backward(p) && packs_fast_in_products(); };
  if (part == 0) {
    ++packings_;
    quantize_tables(precision);
    for (Parameter* parameter : all_) {
      PackedWeights& backward = parameter->backward;
      if (!lies_backward(*parameter) || (!backward.empty() && backward.precision() == precision)) continue;
      if (lies(*parameter)) parameter->forward.refer(parameter->value.view(), false);
      backward.refer(parameter->value.view(), true);
    }
  }
  // Each weight is two pieces of work: as it is read forwards and backwards. A tied one in int8 goes with the tables.
  const auto packs = [&](const Parameter& p) { return p.is_weight() && !(precision == Precision::kInt8 && p.tied); };
  const auto packs_forward = [&](const Parameter& p) { return packs(p) && !lies(p); };
  const auto packs_backward = [&](const Parameter& p) { return packs(p) && for_training && !lies_backward(p); };
  thread_local std::vector<double> cost;
  cost.clear();
  for (const Parameter* parameter : all_) {
    cost.push_back(packs_forward(*parameter) ? static_cast<double>(parameter->size()) : 0);
    cost.push_back(packs_backward(*parameter) ? static_cast<double>(parameter->size()) : 0);
  }
  for (const int index : fair_share(cost, part, parts)) {
    Parameter& parameter = *all_[static_cast<std::size_t>(index / 2)];
    const Tensor& value = parameter.value.view();
    const bool is_forward = index % 2 == 0;
    if (is_forward && packs_forward(parameter)) parameter.forward.pack(value, parameter.tied, precision);
    if (is_forward) continue;
    if (packs_backward(parameter)) parameter.backward.pack(value, !parameter.tied, precision);
    if (packs(parameter) && !for_training) parameter.backward = PackedWeights();  // out of date from now on
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
