#pragma once
#include <string>

#include "heed/products/precision.h"
#include "heed/train/position.h"

namespace heed {

/// The learning rate at a position. `batches`: of an epoch; `seconds`: of training so far.
double learning_rate(const TrainingOptions& options, const TrainingPosition& position, int batches, double seconds);

/// The position after a validation of that perplexity: training.decay, where it no longer gets better.
TrainingPosition decay_on_plateau(const TrainingOptions& options, TrainingPosition position, double perplexity);

/// What to say where a training that goes on begins with a higher rate than its last validation had; else empty.
std::string rate_that_rose(const TrainingPosition& position, double rate);

/// What to say at the start where the clock has a say, so that the same run again is another one; else empty.
std::string clock_text(const TrainingOptions& options);

/// What to say at the start of the numbers that products are made with, and whether the processor has them.
std::string precision_text(Precision precision);

}  // namespace heed
