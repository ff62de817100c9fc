#pragma once
#include "event_log.h"
#include "heed/train/rehearsal.h"

namespace heed {

/// The loop over epochs and batches, in a directory that is locked and may be written to. What fails is told to the log
/// too.
TrainingReport run_training(const Config& config, const TrainerOptions& how, EventLog& log);

/// The same up to the first update, and then a rehearsal.
Rehearsal rehearse_training(const Config& config, const TrainerOptions& how, EventLog& log);

}  // namespace heed
