#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// F1 of recall and precision, percent, the mean over sentences.
struct RougeScore {
  double rouge_1 = 0;     ///< of words
  double rouge_2 = 0;     ///< of pairs of words
  double rouge_l = 0;     ///< of the longest common subsequence of words
  std::string signature;  ///< "nrefs:1|case:lc|stem:no|tok:letters|version:..."
};

/// ROUGE (Lin 2004) as in Google's rouge_score, without stemming: words are lower-cased runs of letters and digits, of
/// all Unicode instead of a-z, so that the two agree on English. Of several references the best counts, for each figure
/// by itself.
RougeScore rouge(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references);

}  // namespace heed
