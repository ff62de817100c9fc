#pragma once
#include "heed/search/search.h"

namespace heed {

/// Search in which hypotheses do not meet: the best token at each step, equal to beam_search with a beam of 1; with
/// SearchOptions::sampling drawn ones; with `alternatives` the best ones of one step, and then the best at each.
std::vector<std::vector<Hypothesis>> path_search(StepScorer& scorer, std::span<const SearchSentence> sentences,
                                                 const SearchOptions& options);

}  // namespace heed
