#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/data/corpus.h"
#include "heed/data/output_limit.h"
#include "heed/text/text_side.h"

namespace HEED_API heed {

class Settings;

/// What training pairs must be like: the keys data.filter.*. max_length is a side's own (TextOptions).
struct FilterOptions {
  int min_length = 1;               ///< tokens that each side has at least
  double max_ratio = 0;             ///< tokens of the longer side for each of the shorter, at most; 0: any
  std::string duplicates = "keep";  ///< keep | drop pairs with the tokens of an earlier one

  bool drops_duplicates() const { return duplicates == "drop"; }
};

/// The data of a training: the keys data.* of a config.
struct DataOptions {
  CorpusFiles train;
  std::vector<CorpusFiles> more_train = {};  ///< further corpora, where data.train is a list
  CorpusFiles validation;                    ///< empty: a share of the training pairs is held out
  double held_out = 0.02;                    ///< that share
  FilterOptions filter;
  CorpusFiles test;  ///< judged once, at the end, with the best model; may be empty
  TextOptions source = {.tokenizer = kAuto};
  TextOptions target = {.tokenizer = kAuto};
  bool joint_vocabulary = false;   ///< one vocabulary, or SentencePiece model, made of both sides
  std::string cache = {};          ///< folder of the training pairs as ids (PairCache); empty: they stay in memory
  int cache_sample = 500000;       ///< of a cache: pairs that its vocabularies are made of, at most
  double cache_memory = 512;       ///< of a training from it: megabytes of ids that are shuffled together, at most
  std::string max_output = kAuto;  ///< an OutputLimit; bundles have the one fitted to their training pairs

  void describe(Settings& settings);
  /// All training corpora, with the columns of their features.
  std::vector<CorpusFiles> corpora() const;
  /// With the columns of the source's features, unless it has its own. Throws UsageError that begins with `name` for a
  /// wrong number of columns, one that is named twice, and two files where there are features.
  CorpusFiles with_features(CorpusFiles files, const std::string& name = "columns") const;
  /// Whether they are drawn by weight.
  bool is_weighted() const;
  /// Whether a training corpus has links.
  bool has_links() const;
  /// What `auto` means for the folder of the cache: `data` in the output. Throws UsageError for the output itself, and
  /// for a folder that the output lies in: who makes either anew would take what belongs to the other.
  void settle_cache(const std::string& output);
  /// `auto` in earlier bundles is the default of OutputLimit.
  OutputLimit output_limit() const;
};

}  // namespace heed
