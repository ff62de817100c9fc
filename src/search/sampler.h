#pragma once
#include <span>

#include "heed/search/sampling.h"
#include "heed/search/step_scorer.h"

namespace heed {

/// Of [0, 1), anew for each token.
struct Uniform {
  double first, second;
};

constexpr int kUndecided = -1;
/// The place of the continuation that is drawn from `row`, which is in order, best first. `complete`: no others may be
/// drawn; otherwise their probabilities and the row's are 1 together, nothing is tempered, and the answer is kUndecided
/// if it depends on them.
int draw(std::span<const Continuation> row, bool complete, const Sampling& sampling, const Uniform& uniform);

}  // namespace heed
