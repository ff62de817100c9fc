#pragma once
#include <functional>
#include <span>
#include <string>

#include "heed/translate/translator.h"
#include "output.h"
#include "pair_lines.h"

namespace heed::app {

struct Scorers {
  std::span<const Bundle> bundles;
  EnsembleOptions ensemble = {};
};

/// Scores pairs, in blocks whose answers fit in memory, and writes what `text_of` makes of each. `progress`: says how
/// far it is.
void score_files(const PairFiles& files, bool progress, const Scorers& scorers, const ScoreOptions& options,
                 Output& out, const std::function<std::string(const Translated&)>& text_of);

}  // namespace heed::app
