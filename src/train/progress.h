#pragma once
#include "heed/train/position.h"
#include "heed/train/updater.h"
#include "history_writer.h"

namespace heed {

/// How fast the epoch at hand goes, since this process began with it.
struct EpochPace {
  double target_tokens_per_second = 0;
  double seconds_per_batch = 0;
};

/// An update, and what it was done with.
struct DoneUpdate {
  UpdateResult result;
  double learning_rate = 0;
  int batches = 0;     ///< of an epoch
  long number = 0;     ///< from 1
  double seconds = 0;  ///< of training up to here
};

/// What there is to tell after an update.
TrainingProgress progress_of(const TrainingOptions& options, const TrainingPosition& position, const DoneUpdate& done,
                             const EpochPace& pace);

/// Adds a point to the history at so many places of each epoch and at its end; the window of `position` begins anew.
void remember(const TrainingProgress& now, TrainingPosition& position, HistoryWriter& history);

}  // namespace heed
