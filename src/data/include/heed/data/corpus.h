#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"
#include "heed/text/features.h"

namespace HEED_API heed {

class Settings;

/// Files of parallel text: two of equal line count, or one file of columns with tabs between them. Names ending in .gz
/// or .zst are decompressed.
struct CorpusFiles {
  std::string source;
  std::string target;
  std::string tsv;
  std::vector<std::string> more_targets = {};  ///< files of further references, which for_each_pair() does not read
  std::vector<int> columns = {1, 2};           ///< of `tsv`: those of source, target and features, from 1
  double weight = 0;                           ///< share of what is drawn from several corpora; 0: by size (Mixture)
  /// Binds prefix.source, prefix.target, prefix.tsv, prefix.columns.
  void describe(Settings& settings, const std::string& prefix);
  /// The same, where prefix.target may be a list.
  void describe_references(Settings& settings, const std::string& prefix);
  std::string alignment = {};  ///< file of a training's links, a Pharaoh line for each pair; or none
  bool empty() const { return source.empty() && target.empty() && tsv.empty(); }
  /// For messages: "a.en and a.fr", "a.tsv".
  std::string name() const;
  bool operator==(const CorpusFiles&) const = default;
};

struct SentencePair {
  std::string source;
  std::string target;
  FeatureValues features = {};  ///< of each further column
  /// Of an answer of a model, its tokens without EOS, where they are known: what stands in its text as "<unk>" may be
  /// an unknown word or five characters.
  std::vector<std::string> source_tokens = {}, target_tokens = {};
};

/// The pair in the other direction; the features of its source, which are none of its target, are left out.
SentencePair reversed(SentencePair pair);

/// Throws what for_each_pair() would throw for names and missing files, without reading: before long work that needs
/// them later.
void check_corpus(const CorpusFiles& files);
/// Visits each pair, without holding the files. Throws Error if the files are empty, if their line counts differ (both
/// counts, and the number of the first line that has no partner), for a line that is not UTF-8 or has a NUL byte
/// (file:line), and if a TSV line lacks a column. UsageError if neither or both kinds of files are named.
void for_each_pair(const CorpusFiles& files,
                   const std::function<void(std::string_view source, std::string_view target)>& visit);
/// All pairs.
std::vector<SentencePair> read_corpus(const CorpusFiles& files);
/// The lines of more_targets, each as many as there are pairs. Throws Error that names both counts if they are not.
std::vector<std::vector<std::string>> read_more_targets(const CorpusFiles& files, std::size_t pairs);

}  // namespace heed
