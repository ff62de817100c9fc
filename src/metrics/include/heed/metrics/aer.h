#pragma once
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/links.h"

namespace HEED_API heed {

struct AerScore {
  double score = 0;      ///< alignment error rate, percent: lower is better
  double precision = 0;  ///< |A and P| / |A|, percent
  double recall = 0;     ///< |A and S| / |S|, percent
  double f1 = 0;         ///< harmonic mean of both, percent
  double content = 0;    ///< the rate of content words: links of source words without a gold link do not count, percent
  double content_precision = 0;  ///< the precision of these links, percent
  double hit = 0;                ///< source words with a sure link that have one of theirs in A, percent of them
};

/// A sentence's predicted and gold links. Order and repetition are ignored.
struct AlignedLinks {
  std::vector<Link> alignment;
  std::vector<Link> sure;
  std::vector<Link> possible;  ///< the sure ones are possible too
};

/// What errors call the lines: the files that they are from.
struct AerNames {
  std::string alignments = "alignments";
  std::string sure = "sure links";
  std::string possible = "possible links";
};

/// What the rates are computed from, of sentences that come one after the other, or in blocks of lines.
class AerCounts {
 public:
  void add(const AlignedLinks& sentence);
  /// Pharaoh lines, one for each sentence. Without `possible`, P = S. Throws Error with the line number, counted from
  /// the first sentence that was ever added, for a malformed link, and if the counts of sentences differ.
  void add(const std::vector<std::string>& alignments, const std::vector<std::string>& sure,
           const std::vector<std::string>& possible = {}, const AerNames& names = {});
  AerScore score() const;

 private:
  std::size_t sentences_ = 0;
  std::array<double, 7> sums_ = {};  // as rows of count_alignments()
};

/// Alignment error rate (Och and Ney 2003): with A the links of the corpus, S the sure and P the possible ones (which
/// contain the sure),
///   AER = 1 - (|A and S| + |A and P|) / (|A| + |S|)
/// Where people linked few words, as names and nouns, and the alignment links all, |A| hides the rest: the rate of
/// content words has in its place the links of A whose source word has a gold link.
AerScore aer(std::span<const AlignedLinks> sentences);
/// The same for Pharaoh lines, as AerCounts::add() takes them.
AerScore aer(const std::vector<std::string>& alignments, const std::vector<std::string>& sure,
             const std::vector<std::string>& possible = {}, const AerNames& names = {});

}  // namespace heed
