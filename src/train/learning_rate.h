#pragma once
#include <string>

#include "heed/model/schedule.h"
#include "heed/products/precision.h"
#include "heed/train/position.h"

namespace heed {

/// The learning rate of the next update. position.learning_rate is what it starts from: training.learning_rate, and
/// what plateaus have made of it.
double learning_rate(const TrainingOptions& options, const TrainingPosition& position, const TrainingClock& clock);

/// The position after a validation: of the schedule `plateau`, where the metric no longer gets better.
TrainingPosition decay_on_plateau(const TrainingOptions& options, TrainingPosition position,
                                  const ValidationResult& result);

/// What the rate does, in words, for the start of a training.
std::string schedule_text(const TrainingOptions& options);

/// What to say where a training that goes on begins with a higher rate than its last validation had; else empty.
std::string rate_that_rose(const TrainingOptions& options, const TrainingPosition& position, double rate);

/// What to say at the start of the optimizer, with its constants that are not the usual ones, and of averaged weights.
std::string optimizer_text(const TrainingOptions& options);

/// What to say where all epochs, of so many batches, end within the warm-up; else empty. Throws UsageError if the rate
/// was to fall after it.
std::string long_warmup(const TrainingOptions& options, int batches);

/// What to say at the start where the clock has a say, so that the same run again is another one; else empty.
std::string clock_text(const TrainingOptions& options);

/// What to say at the start of the precision of products, and whether the processor has it.
std::string precision_text(Precision precision);

}  // namespace heed
