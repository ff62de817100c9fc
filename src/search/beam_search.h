#pragma once
#include "heed/search/search.h"

namespace heed {

/// Beam search as in Bahdanau et al. 2015: a hypothesis that takes EOS leaves the beam, and the room for live
/// ones shrinks by one, so that `beam` hypotheses are followed to their end at most (Ranking::patience: more, or
/// fewer). `traces` may be nullptr.
std::vector<std::vector<Hypothesis>> beam_search(StepScorer& scorer, std::span<const SearchSentence> sentences,
                                                 const SearchOptions& options,
                                                 std::vector<SearchTrace>* traces = nullptr);

}  // namespace heed
