#pragma once
#include <span>

#include "heed/autograd/tape.h"
#include "heed/base/export.h"

/// Values of the outputs that sum over source positions (src/model/output/marginal.cpp, first_order.cpp). The decoder
/// carries them from step to step and looks at none.
namespace HEED_ENGINE_API heed {

/// For a batch.
struct OutputMemory {
  Variable positions;  ///< [sum of S, Hd] each source position's term under h~'s tanh
  Tensor mask;         ///< [rows of all steps, Hd] dropout mask of h~; or empty
};

/// For a step.
struct OutputState {
  Variable without_context;  ///< [n, Hd] the sum under h~'s tanh without the context's term
  Tensor mask;               ///< [n, Hd] rows of OutputMemory::mask
  Variable likelihood;       ///< [n, longest] log p(token that the step reads | position of the previous step)
  Variable ended;            ///< [rows, longest] the same for the labels of targets that ended with the previous step

  /// DecoderState::gather() of these.
  OutputState gather(Tape& tape, std::span<const int> rows) const;
};

}  // namespace heed
