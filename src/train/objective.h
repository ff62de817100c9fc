#pragma once
#include "heed/model/config.h"
#include "heed/model/interval.h"
#include "heed/text/text_side.h"
#include "heed/train/updater.h"

namespace heed {

/// The factor of the coverage loss: none before training.coverage_start.
double coverage_factor(const TrainingOptions& options, const TrainingExtent& now);

/// training.risk: the cost of single sentences by its metric. `target` must outlive it.
RiskTerm risk_term(const Config& config, const TextSide& target);

}  // namespace heed
