#pragma once
#include <span>
#include <vector>

#include "heed/translate/translator.h"

namespace heed {

/// Pairs as the model reads them, without EOS.
struct IdPairs {
  std::vector<std::vector<int>> sources;
  std::vector<std::vector<int>> targets;
  std::vector<std::vector<int>> copies;    ///< none, or of each source (ExtendedVocabulary::source_ids)
  std::vector<std::vector<int>> features;  ///< none, or of each source (TextSide::feature_ids)
};

/// score_pairs() of pairs that are read: fills all of `out` but texts, tokens and their ranges.
void score_ids(const Bundle& bundle, const IdPairs& ids, const ScoreOptions& options, std::span<Translated> out);

}  // namespace heed
