#pragma once
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

/// What beam search did with a candidate. kCut: the length limit ended it.
enum class Fate { kKept, kFinished, kCut, kPruned };

/// A hypothesis extended by one token.
struct TracedCandidate {
  int parent = -1;  ///< index of the candidate that it extends; -1: BOS
  int token = 0;
  double log_probability = 0;  ///< of all tokens up to this one
  double score = 0;            ///< normalised by length
  Fate fate = Fate::kPruned;
  int attention = -1;  ///< row of SearchTrace::attention; -1: none
};

/// The candidates of a sentence's search, step by step, best first: all that were kept or finished, and of each step
/// the best pruned ones, as many as the beam is wide. Parents precede their children.
struct SearchTrace {
  std::vector<TracedCandidate> candidates;
  std::vector<std::vector<float>> attention;  ///< AttentionRow::mean; shared by candidates of one hypothesis
  bool cut = false;                           ///< the search had more than kMostTraced candidates

  static constexpr int kMostTraced = 4000;
};

}  // namespace heed
