#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/data/data_options.h"
#include "heed/data/examples.h"

namespace HEED_ENGINE_API heed {

/// A text that models are judged on.
struct HeldOut {
  Examples examples;
  std::vector<SentencePair> text;
  std::vector<std::size_t> forced;  ///< indices of the pairs for perplexity: no side is too long
  /// [r][pair]: targets by TextSide::as_written(), first those of the pairs; an empty line of others is none.
  std::vector<std::vector<std::string>> references;
};

/// A run's texts as ids, with its vocabularies.
struct TrainingData {
  TextSide source;
  TextSide target;
  Examples train;
  HeldOut validation;
  HeldOut test;  ///< empty without data.test
};

/// Reads the corpora, each once. Uses the vocabularies of the run `bundle`, or, if it is empty, makes them from the
/// training part. Pairs with an empty side or longer than max_length are left out of training (PairFilter) and of the
/// perplexity of validation. With `copies`, target words that only the source has are labels too (ExtendedVocabulary).
/// Throws Error if nothing is left.
TrainingData load_training_data(const DataOptions& options, bool copies, const std::string& bundle, const LogSink& log);

}  // namespace heed
