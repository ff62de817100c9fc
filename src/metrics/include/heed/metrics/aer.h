#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

struct AerScore {
  double score = 0;      ///< alignment error rate, percent: lower is better
  double precision = 0;  ///< |A and P| / |A|, percent
  double recall = 0;     ///< |A and S| / |S|, percent
};

/// Alignment error rate (Och and Ney 2003): with A the links of the corpus, S the sure and P the possible ones (which
/// contain the sure),
///   AER = 1 - (|A and S| + |A and P|) / (|A| + |S|)
/// Each line holds the links of a sentence, "i-j" for source word i and target word j. Without `possible`, P = S.
/// Throws Error, with the line's number, at what is no link, and if the counts of sentences differ.
AerScore aer(const std::vector<std::string>& alignments, const std::vector<std::string>& sure,
             const std::vector<std::string>& possible = {});

}  // namespace heed
