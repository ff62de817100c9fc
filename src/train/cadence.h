#pragma once
#include <algorithm>
#include <cmath>

#include "heed/model/interval.h"
#include "heed/train/position.h"

namespace heed {

/// When a training is validated, and its state saved apart from that.
class Cadence {
 public:
  explicit Cadence(const TrainingOptions& options)
      : validation_(parse_interval(options.validate_every)), checkpoint_(parse_interval(options.checkpoint_every)) {}

  bool validation_is_due(const TrainingExtent& now, const TrainingPosition& position) const {
    return validation_.of(now) - position.validated_at >= validation_.count - kRounding;
  }
  /// As if it had been validated when that was due: intervals do not drift.
  void validated(const TrainingExtent& now, TrainingPosition& position) const {
    const double since = validation_.of(now) - position.validated_at;
    position.validated_at += validation_.count * std::floor((since + kRounding) / validation_.count);
  }
  /// How many are to come, that at the end of the training included.
  double validations_until(const TrainingExtent& end, const TrainingPosition& position) const {
    return std::max(std::ceil((validation_.of(end) - position.validated_at) / validation_.count - kRounding), 1.0);
  }
  bool checkpoint_is_due(const TrainingExtent& now) const {
    return checkpoint_.count > 0 && checkpoint_.of(now) - saved_at_ >= checkpoint_.count;
  }
  void saved(const TrainingExtent& now) { saved_at_ = checkpoint_.of(now); }

 private:
  static constexpr double kRounding = 1e-9;  // of parts of epochs

  Interval validation_;
  Interval checkpoint_;
  double saved_at_ = 0;  // in the unit of checkpoint_
};

}  // namespace heed
