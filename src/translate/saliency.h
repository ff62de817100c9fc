#pragma once
#include <memory>

#include "heed/model/bundle.h"
#include "heed/tensor/arena.h"
#include "probe_pair.h"

namespace heed {

/// The model with the same parameters, packed for gradients, and without dropout. Its weights are those of `bundle`,
/// which must outlive it. Throws Error for a model without float32 weights.
std::unique_ptr<const Seq2Seq> without_dropout(const Bundle& bundle);

/// Gradient times input: |sum over e of x_e d log p(token t) / d x_e|, x the embedding of a source position with its
/// features. [target tokens][source tokens], EOS included; not normalised. Each prefix of the target is a sentence for
/// itself; as many are computed together, and held with their gradients, as have `positions` on both sides.
AttentionWeights gradient_times_input(const Seq2Seq& model, const ProbePair& pair, Arena& arena,
                                      std::size_t positions = 8192);

}  // namespace heed
