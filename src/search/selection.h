#pragma once
#include <span>

#include "heed/search/step_scorer.h"

namespace heed {

/// A row of the scorer and one token more.
struct Candidate {
  double log_probability;  // of all its tokens
  int row;
  Continuation next;
  int tokens_met = 0;  // of phrases that must occur
  double rank = 0;     // what it is chosen by; of equals the lower row, then the lower token
};

/// Moves the candidates of a beam that are chosen, at most `room`, to the front and the `shown` best others behind
/// them, both best first, and returns how many are chosen: the best, without those that are more than `prune` (0: any
/// number) below the first. Where some have more tokens of the phrases that must occur than others, all that have
/// equally many get a part of the room, as far as they fill it: dynamic beam allocation (Post and Vilar 2018, "Fast
/// Lexically Constrained Decoding with Dynamic Beam Allocation for Neural Machine Translation").
std::size_t choose(std::span<Candidate> candidates, std::size_t room, std::size_t shown, double prune);

}  // namespace heed
