#pragma once
#include <array>
#include <memory>
#include <numeric>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "heed/base/checksums.h"
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

/// The pairs that were met so far, by checksums of their tokens: 42 bytes for each.
class SeenPairs {
 public:
  /// `records`: for take_new().
  explicit SeenPairs(bool records = false) : records_(records) {}
  /// Whether this is the first.
  bool add(const Digest& digest) {
    const bool first = met_.insert(digest).second;
    if (first && records_) new_.push_back(digest);
    return first;
  }
  /// Those that were added since the last call.
  std::vector<Digest> take_new() { return std::exchange(new_, {}); }

 private:
  struct Hash {
    // noexcept: so that the set does not keep a hash beside each checksum.
    std::size_t operator()(const Digest& digest) const noexcept { return static_cast<std::size_t>(digest[0]); }
  };
  bool records_;
  std::unordered_set<Digest, Hash> met_;
  std::vector<Digest> new_;
};

/// Decides which pairs are trained on, and counts the others by corpus and reason.
class PairFilter {
 public:
  explicit PairFilter(const DataOptions& options);
  /// One of several that together meet no pair twice. `seen` must outlive it.
  PairFilter(const DataOptions& options, SeenPairs& seen);

  /// Whether pair i of a text is trained on.
  PairFate judge(const TokenizedText& source, const TokenizedText& target, std::size_t i, std::size_t corpus = 0);
  /// Whether it has the tokens of a pair that was asked for before.
  bool was_seen(const TokenizedText& source, const TokenizedText& target, std::size_t i);
  /// The checksum of pair i: of its tokens and features.
  static Digest digest_of(const TokenizedText& source, const TokenizedText& target, std::size_t i);
  /// Adds pairs that another filter judged.
  void count(std::size_t corpus, PairFate fate, long pairs) {
    counts_[corpus][static_cast<std::size_t>(fate)] += pairs;
  }
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
  std::shared_ptr<SeenPairs> seen_;
};

}  // namespace heed
