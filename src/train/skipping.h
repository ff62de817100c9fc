#pragma once
#include <algorithm>
#include <limits>

#include "heed/train/position.h"

// Updates that are left out: what is not finite, and, with training.spike_factor, what is far from usual.
namespace heed {

/// Whether the next bad update may still be skipped.
inline bool may_skip(const TrainingOptions& options, const TrainingPosition& position) {
  return position.skipped_in_row < options.max_skipped;
}

/// The norm of a gradient above which an update is a spike; infinite until a usual one is known.
inline double spike_norm(const TrainingOptions& options, const TrainingPosition& position) {
  constexpr int kKnown = 100;  // updates
  return options.spike_factor > 0 && position.norms >= kKnown ? options.spike_factor * position.mean_norm
                                                              : std::numeric_limits<double>::infinity();
}

/// Counts a skipped update.
inline void count_skipped(TrainingPosition& position) {
  ++position.skipped;
  ++position.skipped_in_row;
}

/// After an update that was applied: the mean of the norms, the last hundred of which count most.
inline void count_applied(TrainingPosition& position, double norm) {
  constexpr int kMemory = 100;
  position.skipped_in_row = 0;
  position.norms = std::min(position.norms + 1, kMemory);
  position.mean_norm += (norm - position.mean_norm) / position.norms;
}

/// A state that was saved because the next update was not finite may go on with a smaller rate.
inline void take_changed_rate(const TrainingOptions& options, TrainingPosition& position) {
  if (!position.not_finite) return;
  position.learning_rate = std::min(position.learning_rate, options.learning_rate);
  position.not_finite = false;
}

}  // namespace heed
