#pragma once
#include "heed/search/search.h"

namespace heed {

/// Takes the best token at each step. Equal to beam_search with a beam of 1.
std::vector<std::vector<Hypothesis>> greedy_search(StepScorer& scorer, const std::vector<int>& source_lengths,
                                                   const SearchOptions& options);

}  // namespace heed
