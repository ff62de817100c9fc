#include "heed/train/learner.h"

#include <cmath>

#include "fmt/format.h"
#include "heed/tensor/worker_pool.h"
#include "heed/train/updater.h"

namespace heed {

Learner::Learner(Module& model, const std::string& optimizer)
    : parameters_([&](const ParameterVisitor& visitor) { model.visit(visitor); }),
      gradients_(parameters_),
      optimizer_(make_optimizer({.kind = optimizer}, parameters_)) {
  parameters_.pack(Precision::kFloat32, true);
}

double Learner::update(const std::function<double(Tape& tape)>& loss, const LearnerOptions& options) {
  tape_.clear();
  arena_.reset();
  const double value = loss(tape_);
  tape_.backward();
  gradients_.collect(tape_);
  const double norm = gradients_.norm();
  if (!std::isfinite(value) || !std::isfinite(norm)) {
    throw NotFinite(
        fmt::format("update {}: the loss is {} and the norm of its gradient {}", optimizer_->updates + 1, value, norm));
  }
  const double scale = clip_scale(norm, options.clip_norm);
  optimizer_->begin_update();
  for (const UpdateRange& range : update_ranges(parameters_, 0, 1)) {
    optimizer_->apply(range, gradients_.flat(), {options.learning_rate, scale});
  }
  parameters_.pack(Precision::kFloat32, true);
  return value;
}

}  // namespace heed
