#pragma once
#include <array>
#include <numeric>
#include <string>
#include <unordered_set>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/data/data_options.h"
#include "heed/text/text_side_builder.h"

namespace HEED_ENGINE_API heed {

/// What becomes of a pair; the first that fits.
enum class PairFate {
  kTaken,
  kEmpty,      ///< an empty side
  kTooLong,    ///< a side longer than max_length
  kTooShort,   ///< a side shorter than filter.min_length
  kRatio,      ///< beyond filter.max_ratio
  kDuplicate,  ///< the tokens of an earlier one, with filter.duplicates: drop
};
constexpr std::size_t kPairFates = 6;
/// As the log of a training has it: "with an empty side".
const char* words_of(PairFate fate);

/// Decides which pairs are trained on, and counts the others by corpus and reason.
class PairFilter {
 public:
  explicit PairFilter(const DataOptions& options);

  /// Whether pair i of a text is trained on.
  PairFate judge(const TokenizedText& source, const TokenizedText& target, std::size_t i, std::size_t corpus = 0);
  /// Whether it has the tokens of a pair that was asked for before.
  bool was_seen(const TokenizedText& source, const TokenizedText& target, std::size_t i);
  /// Whether a pair with these numbers of tokens is longer than max_length on either side.
  bool is_too_long(std::size_t source_tokens, std::size_t target_tokens) const;
  long count(std::size_t corpus, PairFate fate) const { return counts_[corpus][static_cast<std::size_t>(fate)]; }
  /// Reports how many pairs were taken and left out, of each corpus if there are several, and warns if more than one in
  /// 20 is too long. Throws Error if none is left, or none of a corpus that has a weight.
  void report(const LogSink& log) const;
  /// Pairs of a corpus that were asked for.
  long asked(std::size_t corpus) const { return std::accumulate(counts_[corpus].begin(), counts_[corpus].end(), 0L); }

 private:
  using Counts = std::array<long, kPairFates>;  // by PairFate
  PairFate fate_of(const TokenizedText& source, const TokenizedText& target, std::size_t i);
  std::string text(const Counts& counts) const;
  std::string faults(const Counts& counts) const;
  Counts sum() const;

  const DataOptions options_;
  const std::vector<CorpusFiles> corpora_;
  std::vector<Counts> counts_;  // of each corpus
  std::unordered_set<std::string> seen_;
};

}  // namespace heed
