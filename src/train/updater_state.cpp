// What an Updater keeps between updates: weights, their average, and the optimizer's state, of all or of a part.
#include <algorithm>

#include "gradient_sum.h"
#include "heed/kernels/optimizers.h"
#include "heed/train/updater.h"

namespace heed {

double Updater::bytes_sent() const {
  return sum_ != nullptr ? static_cast<double>(sum_->bytes_sent()) / static_cast<double>(std::max(1L, made_)) : 0;
}

void Updater::share_weights() {
  try {
    sum_->share_weights();
  } catch (...) {
    --optimizer_.updates;  // this one was not made
    throw;
  }
  if (!averages()) return;
  pool_.run([&](int w) {
    for (const UpdateRange& range : others_ranges_[static_cast<std::size_t>(w)]) take_into_average(range);
  });
}

void Updater::take_into_average(const UpdateRange& range) {
  // At first the average follows at once: what it began with means nothing.
  const auto t = static_cast<double>(optimizer_.updates);
  const auto decay = static_cast<float>(std::min(options_.average_decay, (1 + t) / (10 + t)));
  average_step(decay, range.parameter->value.view().data + range.first,
               average_.view().data + model_.parameters().offset(range.parameter->index) + range.first, range.count);
}

void Updater::gather_gradient() {
  if (is_sharded()) sum_->gather(gradients_.data());
}

void Updater::gather_state() {
  if (!is_sharded()) return;
  for (const auto& [name, moments] : optimizer_.state()) sum_->gather(moments.data);
}

void Updater::forget_others_state() {
  if (!is_sharded()) return;
  for (const auto& [name, moments] : optimizer_.state()) sum_->forget_others(moments.data);
}

std::int64_t Updater::gradient_bytes() const {
  return model_.parameters().total() * static_cast<std::int64_t>(sizeof(float)) + (sum_ != nullptr ? sum_->bytes() : 0);
}

void Updater::pack_weights() {
  pool_.run([&](int w) { model_.parameters().pack(options_.precision, true, w, pool_.size()); });
}

std::vector<std::pair<std::string, Tensor>> Updater::state() {
  auto out = optimizer_.state();
  if (averages()) out.emplace_back("average", average_.view());
  return out;
}

void Updater::swap_average() {
  if (!averages()) return;
  for (Parameter* parameter : model_.parameters().all()) {
    float* const weight = parameter->value.view().data;
    std::swap_ranges(weight, weight + parameter->size(),
                     average_.view().data + model_.parameters().offset(parameter->index));
  }
  pack_weights();
}

}  // namespace heed
