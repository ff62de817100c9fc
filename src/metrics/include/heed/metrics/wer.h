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
  std::string signature;     ///< "WER|nrefs:1|case:mixed|tok:none|version:..."; of cer "CER|...|tok:char|..."
};

/// Word error rate: substitutions, insertions and deletions (Levenshtein 1966) over words, summed over the corpus, per
/// reference word, as in jiwer: words stand between spaces, and two or more blanks of Unicode are a space; a single tab
/// or no-break space is inside a word. Of several references the closest counts: fewest errors, then most words. Where
/// the words of a line are phonemes this is the phoneme error rate.
WerScore wer(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
             const WerOptions& options = {});

/// Character error rate: the same over code points, without the blanks at the ends of a line, as in jiwer.
WerScore cer(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
             const WerOptions& options = {});

struct EditDistanceScore {
  double score = 0;  ///< edits of a line, the mean: no percentage
  long edits = 0;    ///< of all lines
  long lines = 0;
  std::string signature;  ///< "edit-distance|nrefs:1|case:mixed|tok:char|version:..."
};

/// Levenshtein distance of a line to its closest reference, in characters as cer has them (the figure of SIGMORPHON's
/// shared tasks on inflection, Cotterell et al. 2016).
EditDistanceScore mean_edit_distance(const std::vector<std::string>& hypotheses,
                                     const std::vector<std::vector<std::string>>& references,
                                     const WerOptions& options = {});

}  // namespace heed
