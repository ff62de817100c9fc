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
  long lines = 0;
  std::string signature;  ///< "nrefs:1|case:mixed|version:..."
};

/// The share of lines that equal one of their references (inflection: Cotterell et al. 2017; grapheme-to-phoneme: 100 -
/// that field's word error rate). Leading, trailing and repeated blanks are ignored.
AccuracyScore accuracy(const std::vector<std::string>& hypotheses,
                       const std::vector<std::vector<std::string>>& references, const AccuracyOptions& options = {});

}  // namespace heed
