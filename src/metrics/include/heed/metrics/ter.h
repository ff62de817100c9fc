#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

struct TerOptions {
  bool case_sensitive = false;
  bool normalized = false;     ///< punctuation stands alone, &quot; and its like are characters
  bool no_punct = false;       ///< without . , ? : ; ! " ( )
  bool asian_support = false;  ///< normalized: ideographs stand alone; no_punct: their punctuation goes too
};

struct TerScore {
  double score = 0;  ///< percent; may be above 100
  long edits = 0;
  double reference_length = 0;  ///< words, averaged over a sentence's references
  std::string signature;        ///< "TER|nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:..."
};

/// Translation edit rate (Snover et al. 2006): insertions, deletions, substitutions and shifts of blocks of words to
/// the nearest reference, per reference word. The search for shifts and the options are those of Tercom and sacreBLEU
/// (greedy, with beam and limits), so that figures agree.
TerScore ter(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references,
             const TerOptions& options = {});

}  // namespace heed
