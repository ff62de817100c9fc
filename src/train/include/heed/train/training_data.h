#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/model/config.h"
#include "heed/text/batching.h"
#include "heed/text/text_side.h"

namespace HEED_ENGINE_API heed {

/// The texts of a run as ids, with what made ids of them.
struct TrainingData {
  TextSide source;
  TextSide target;
  std::vector<Example> train;
  std::vector<Example> validation;
  std::vector<SentencePair> validation_text;
  std::vector<std::size_t> forced;      ///< the validation pairs that perplexity is measured on: no side is too long
  std::vector<std::string> references;  ///< its targets as the target side would write them (TextSide::as_written)
};

/// Reads the corpora and builds the vocabularies on the training part. Pairs with an empty side or longer than
/// max_length are left out of training and of the perplexity of validation, and counted in the log. Where the model
/// copies, target words that only the source has are labels too (ExtendedVocabulary). Throws Error if nothing is left.
TrainingData load_training_data(const Config& config, const LogSink& log);
/// Likewise with the vocabularies of a run that is resumed.
TrainingData load_training_data(const Config& config, const std::string& bundle, const LogSink& log);

}  // namespace heed
