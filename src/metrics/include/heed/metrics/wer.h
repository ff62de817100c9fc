#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

struct WerOptions {
  bool lowercase = false;
};

struct WerScore {
  double score = 0;  ///< percent; may be above 100
  long errors = 0;
  long reference_words = 0;
  std::string signature;  ///< "nrefs:1|case:mixed|tok:none|version:..."
};

/// Word error rate: substitutions, insertions and deletions (Levenshtein 1966) over space-separated words
/// (utf8::words), summed over the corpus, per reference word. Of several references the closest counts: fewest errors,
/// then most words.
WerScore wer(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
             const WerOptions& options = {});

}  // namespace heed
