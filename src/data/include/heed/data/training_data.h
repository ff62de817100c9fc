#pragma once
#include <memory>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/data/data_options.h"
#include "heed/data/examples.h"
#include "heed/data/mixture.h"
#include "heed/data/pair_cache.h"

namespace HEED_ENGINE_API heed {

/// A text that models are judged on.
struct HeldOut {
  Examples examples;
  std::vector<SentencePair> text;
  std::vector<std::size_t> forced;  ///< indices of the pairs for perplexity: no side is too long
  /// [r][pair]: targets by TextSide::as_written(), first those of the pairs; an empty line of others is none.
  std::vector<std::vector<std::string>> references;
};

/// A training corpus, and what PairFilter left of it.
struct ReadCorpus {
  std::string name;
  long pairs = 0;  ///< without those that are held out
  long kept = 0;
  LengthCounts lengths = {};  ///< of those that are left; of a cache alone
};

/// A run's texts as ids, with its vocabularies.
struct TrainingData {
  TextSide source;
  TextSide target;
  Examples train;   ///< empty, if the pairs are in a cache
  Mixture mixture;  ///< of the training pairs; empty: each is trained on once in an epoch
  HeldOut validation;
  HeldOut test;                          ///< empty without data.test
  std::vector<ReadCorpus> corpora = {};  ///< whose pairs stand in `train` one after the other
  /// Where the training pairs are, if they are not all in memory (EpochBatches).
  std::shared_ptr<const PairCache> cache = {};
  double cache_megabytes = 0;  ///< of its pairs that are in memory together, at most

  /// How many pairs are trained on.
  std::size_t train_pairs() const { return cache ? static_cast<std::size_t>(cache->pairs()) : train.size(); }
  LengthCounts train_lengths() const;
  /// What an epoch trains on: the places of all training pairs, or those that the mixture draws.
  std::vector<int> pairs_of_epoch(int seed, int epoch) const;
};

/// Reads the corpora, each once. Without a validation text a share of the training pairs is held out (HeldOutPairs).
/// Uses the vocabularies of the run `bundle`, or, if it is empty, makes them from the training part. What PairFilter
/// refuses is left out of training, and longer pairs than max_length of the perplexity of validation. With `copies`,
/// target words that only the source has are labels too (ExtendedVocabulary). Throws Error if nothing is left.
TrainingData load_training_data(const DataOptions& options, bool copies, const std::string& bundle, const LogSink& log);

/// The same by way of the cache in request.options.cache (PairCache::open()). What fits into options.cache_memory is
/// read from it into memory, and is then what load_training_data() would give. `cache`: where it is open already.
TrainingData load_cached_data(const CacheRequest& request, const LogSink& log,
                              std::shared_ptr<const PairCache> cache = nullptr);

}  // namespace heed
