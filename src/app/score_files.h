#pragma once
#include <functional>
#include <string>

#include "heed/data/corpus.h"
#include "heed/translate/translator.h"
#include "output.h"

namespace heed::app {

/// Scores the pairs of a corpus, in blocks whose answers fit in memory, and writes what `text_of` makes of each.
void score_files(const CorpusFiles& files, const Bundle& bundle, const ScoreOptions& options, Output& out,
                 const std::function<std::string(const Translated&)>& text_of);

}  // namespace heed::app
