#pragma once
#include "heed/autograd/tape.h"
#include "heed/tensor/pairing.h"

namespace heed {

/// The pairing of a step in memory that lives as long as the tape, for its backward pass.
inline Pairing kept_pairing(Tape& tape, const Pairing& pairing) {
  return {pairing.source, tape.arena().copy(pairing.sentence), tape.arena().copy(pairing.windows)};
}

}  // namespace heed
