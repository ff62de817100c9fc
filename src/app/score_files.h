#pragma once
#include <functional>
#include <string>

#include "heed/translate/translator.h"
#include "output.h"

namespace heed::app {

struct PairFiles {
  std::string source;
  std::string target;
};

/// Scores the pairs of two files, in blocks whose answers fit in memory, and writes what `text_of` makes of each.
void score_files(const PairFiles& files, const Bundle& bundle, const ScoreOptions& options, Output& out,
                 const std::function<std::string(const Translated&)>& text_of);

}  // namespace heed::app
