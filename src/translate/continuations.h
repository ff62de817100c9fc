#pragma once
#include <span>

#include "heed/model/output.h"
#include "heed/search/step_scorer.h"

namespace heed {

/// The best continuations of a row, as many as `out` has room for, best first; where the row has scores of fewer
/// tokens, others follow that are forbidden. BOS's logit is set to -infinity, so that it is never proposed;
/// log_sum has it in it, so that probabilities are those of teacher forcing. Copied is what has more than half of its
/// probability from copying.
void best_continuations(const RowScores& scores, std::span<Continuation> out);
/// Those of a row by given tokens; forbidden are BOS and what the row has no score of.
void continuations_by(const RowScores& scores, std::span<const int> tokens, std::span<Continuation> out);

}  // namespace heed
