#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

struct ChrfOptions {
  int char_order = 6;  ///< n-grams of 1 to this many characters
  int word_order = 0;  ///< and of 1 to this many words: 2 for chrF++
  double beta = 2;     ///< recall counts beta times as much as precision
  bool lowercase = false;
  bool whitespace = false;         ///< count spaces as characters
  bool epsilon_smoothing = false;  ///< as chrF++.py and NLTK do: orders longer than the sentence count as 0
};

struct ChrfScore {
  double score = 0;       ///< percent
  std::string signature;  ///< "chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:..."
};

/// Corpus chrF (Popovic 2015; beta 2 after Popovic 2016; chrF++ Popovic 2017), figures equal to sacreBLEU's: with P and
/// R the precision and recall of n-grams averaged over the orders that occur (effective order),
///   chrF = (1 + beta^2) P R / (beta^2 P + R)
/// Of several references a sentence is counted with the one that gives it the best score.
ChrfScore chrf(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
               const ChrfOptions& options = {});

}  // namespace heed
