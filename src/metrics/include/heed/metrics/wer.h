#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

struct WerOptions {
  bool lowercase = false;
};

struct WerScore {
  double score = 0;  ///< percent; may be above 100
  long errors = 0;
  long reference_words = 0;  ///< of cer characters
  std::string signature;     ///< "nrefs:1|case:mixed|tok:none|version:..."; of cer tok:char
};

/// Word error rate: substitutions, insertions and deletions (Levenshtein 1966) over space-separated words
/// (utf8::words), summed over the corpus, per reference word. Of several references the closest counts: fewest errors,
/// then most words. Where the words of a line are phonemes this is the phoneme error rate.
WerScore wer(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
             const WerOptions& options = {});

/// Character error rate: the same over code points. A blank between words is a character; those at the ends of a line
/// and repeated ones do not count.
WerScore cer(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
             const WerOptions& options = {});

}  // namespace heed
