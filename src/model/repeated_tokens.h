#pragma once
#include <numeric>
#include <span>

#include "heed/autograd/tape.h"

// Where a batch has more places than the vocabulary has tokens, the whole table is projected once, instead of every
// place.
namespace heed {

/// Not with dropout, which makes each place a token's own.
inline bool repeats_tokens(const Tape& tape, double dropout, int vocabulary, std::size_t places) {
  return (!tape.recording() || dropout <= 0) && static_cast<std::size_t>(vocabulary) < places;
}

inline std::span<const int> all_tokens(Tape& tape, int vocabulary) {
  const std::span<int> out = tape.arena().array<int>(static_cast<std::size_t>(vocabulary));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

}  // namespace heed
