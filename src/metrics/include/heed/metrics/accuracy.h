#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

struct AccuracyOptions {
  bool lowercase = false;
};

struct AccuracyScore {
  double score = 0;  ///< percent
  long correct = 0;
  long all = 0;           ///< lines; of token_accuracy() tokens
  std::string signature;  ///< "accuracy|nrefs:1|case:mixed|version:..."
};

/// The share of lines that equal one of their references (inflection: Cotterell et al. 2017; grapheme-to-phoneme: 100 -
/// that field's word error rate). Leading, trailing and repeated blanks are ignored.
AccuracyScore accuracy(const std::vector<std::string>& hypotheses,
                       const std::vector<std::vector<std::string>>& references, const AccuracyOptions& options = {});

/// The share of tokens between blanks that stand at the same place in the reference, of those of the longer of the two.
/// Of several references the one with the largest share counts.
AccuracyScore token_accuracy(const std::vector<std::string>& hypotheses,
                             const std::vector<std::vector<std::string>>& references,
                             const AccuracyOptions& options = {});

}  // namespace heed
