#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/data/data_options.h"
#include "heed/data/examples.h"

namespace HEED_ENGINE_API heed {

/// The texts of a run as ids, with what made ids of them.
struct TrainingData {
  TextSide source;
  TextSide target;
  Examples train;
  Examples validation;
  std::vector<SentencePair> validation_text;
  std::vector<std::size_t> forced;      ///< the validation pairs that perplexity is measured on: no side is too long
  std::vector<std::string> references;  ///< its targets as the target side would write them (TextSide::as_written)
};

/// Reads the corpora, each once. `bundle` is the run whose vocabularies are used; where it is empty they are made of
/// the training part. Pairs with an empty side or longer than max_length are left out of training (PairFilter) and of
/// the perplexity of validation. With `copies`, target words that only the source has are labels too
/// (ExtendedVocabulary). Throws Error if nothing is left.
TrainingData load_training_data(const DataOptions& options, bool copies, const std::string& bundle, const LogSink& log);

}  // namespace heed
