#pragma once
#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/data/data_options.h"

namespace HEED_ENGINE_API heed {

/// Gives each side whose tokenizer is `auto` the one that fits the first pairs of all corpora (by their weights, or
/// as many of each), and says which and why: `spaces` for a few symbols that come again and again (phones, tags),
/// `characters` for single words, else `sentencepiece`, of 4,000 pieces where there are less than 100,000 pairs and no
/// number was set. Pairs with a blank side, or with more words than max_length, do
/// not count; where no pair does, nothing is said, as the training will end. `alike`: both sides have to be cut alike.
/// Throws UsageError if a corpus can be read only once.
void choose_tokenizers(DataOptions& options, bool alike, const LogSink& log);

}  // namespace heed
