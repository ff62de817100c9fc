#pragma once
#include <functional>
#include <span>
#include <string>

#include "heed/data/data_options.h"
#include "heed/translate/translator.h"
#include "output.h"
#include "pair_lines.h"

namespace heed::app {

using TakeBlock = std::function<void(std::span<const SentencePair> pairs, const ScoreOptions& how)>;
/// Hands pairs to `take` in blocks whose answers, with their attention, fit in memory together; `how` has the names of
/// the files and the number of the block's first line. `data`: of the model that reads the features. `blocks`: of
/// how many pairs, unless each is waited for.
void for_each_block(const PairFiles& files, PairBlocks blocks, const DataOptions& data, const ScoreOptions& options,
                    const TakeBlock& take);

struct Scorers {
  std::span<const Bundle> bundles;
  EnsembleOptions ensemble = {};
};

/// Scores pairs and writes what `text_of` makes of each.
void score_files(const PairFiles& files, const PairBlocks& blocks, const Scorers& scorers, const ScoreOptions& options,
                 Output& out, const std::function<std::string(const Translated&)>& text_of);

}  // namespace heed::app
