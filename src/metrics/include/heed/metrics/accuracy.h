#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

struct AccuracyOptions {
  bool lowercase = false;
};

struct AccuracyScore {
  double score = 0;  ///< percent
  long correct = 0;
  long lines = 0;
  std::string signature;  ///< "nrefs:1|case:mixed|version:..."
};

/// The share of lines that are equal to one of their references as a whole (inflection: Cotterell et al. 2017;
/// grapheme-to-phoneme: 100 - word error rate of that field). Blanks at the ends of a line, and more than one between
/// words, make no difference.
AccuracyScore accuracy(const std::vector<std::string>& hypotheses,
                       const std::vector<std::vector<std::string>>& references, const AccuracyOptions& options = {});

}  // namespace heed
