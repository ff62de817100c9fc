#pragma once
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
};

/// A sentence's predicted and gold links. Order and repetition are ignored.
struct AlignedLinks {
  std::vector<Link> alignment;
  std::vector<Link> sure;
  std::vector<Link> possible;  ///< the sure ones are possible too
};

/// Alignment error rate (Och and Ney 2003): with A the links of the corpus, S the sure and P the possible ones (which
/// contain the sure),
///   AER = 1 - (|A and S| + |A and P|) / (|A| + |S|)
AerScore aer(std::span<const AlignedLinks> sentences);
/// What errors call the lines: the files that they are from.
struct AerNames {
  std::string alignments = "alignments";
  std::string sure = "sure links";
  std::string possible = "possible links";
};
/// The same for Pharaoh lines, one for each sentence. Without `possible`, P = S. Throws Error with the line number for
/// a malformed link, and if the counts of sentences differ.
AerScore aer(const std::vector<std::string>& alignments, const std::vector<std::string>& sure,
             const std::vector<std::string>& possible = {}, const AerNames& names = {});

}  // namespace heed
