#pragma once
#include <string>
#include <vector>

#include "heed/data/corpus.h"
#include "heed/data/pair_filter.h"
#include "heed/data/training_data.h"
#include "unknown_tokens.h"

namespace heed {

/// A text to judge on, as it stands in its files.
struct ReadPairs {
  std::vector<SentencePair> pairs;
  std::vector<std::vector<std::string>> more_targets;
};
ReadPairs read_pairs(const CorpusFiles& files);

/// The same as ids.
struct JudgedText {
  HeldOut text;
  UnknownPairs tokens;
};
/// By the vocabularies of `data`. Throws Error if every source is empty, or every pair too long.
JudgedText encode_judged(const std::string& name, ReadPairs read, bool copying, const PairFilter& filter,
                         const TrainingData& data);

}  // namespace heed
