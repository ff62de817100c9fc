#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

struct TerScore {
  double score = 0;  ///< percent; may be above 100
  long edits = 0;
  double reference_length = 0;  ///< words, averaged over a sentence's references
  std::string signature;        ///< "nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:..."
};

/// Translation edit rate (Snover et al. 2006): insertions, deletions, substitutions and shifts of blocks of words to
/// the nearest reference, per reference word. Case is ignored; nothing is tokenised. The search for shifts is that of
/// Tercom and sacreBLEU (greedy, with beam and limits), so that figures agree.
TerScore ter(const std::vector<std::string>& hypotheses, const std::vector<std::vector<std::string>>& references);

}  // namespace heed
