#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

struct RougeOptions {
  /// "letters": letters, combining marks and digits of all scripts make words; "rouge-score": a-z and 0-9 alone, as in
  /// Google's rouge_score, so that é divides words
  std::string tokenize = "letters";
  bool stem = false;  ///< words of more than three ASCII characters by Porter's algorithm, as rouge_score's use_stemmer
};

/// The values of RougeOptions::tokenize.
const std::vector<std::string>& rouge_tokenizers();

/// F1 of recall and precision, percent, the mean over sentences.
struct RougeScore {
  double rouge_1 = 0;     ///< of words
  double rouge_2 = 0;     ///< of pairs of words
  double rouge_l = 0;     ///< of the longest common subsequence of words
  std::string signature;  ///< "ROUGE|nrefs:1|case:lc|stem:no|tok:letters|version:..."
};

/// ROUGE (Lin 2004) as in Google's rouge_score, in lower case. Of several references the best counts, for each figure
/// by itself.
RougeScore rouge(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
                 const RougeOptions& options = {});

}  // namespace heed
