#pragma once
#include <span>

#include "heed/search/step_scorer.h"

namespace heed {

/// The best continuations of a row of logits, as many as `out` has room for, best first: log p = logit - log_sum. The
/// begin mark's logit is set to -infinity, so that it is never proposed; log_sum has it in it, so that probabilities
/// are those of teacher forcing.
void best_continuations(std::span<float> logits, float log_sum, std::span<Continuation> out);

}  // namespace heed
