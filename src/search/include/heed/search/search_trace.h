#pragma once
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

/// What beam search did with a candidate. kCut: the length limit ended it.
enum class Fate { kKept, kFinished, kCut, kPruned };

/// A hypothesis and one token more, as beam search weighed it.
struct TracedCandidate {
  int parent = -1;  ///< place of the candidate that it continues; -1: BOS
  int token = 0;
  double log_probability = 0;  ///< of all tokens up to this one
  double score = 0;            ///< normalised by length
  Fate fate = Fate::kPruned;
  int attention = -1;  ///< row of SearchTrace::attention that its token was made with; -1: none
};

/// The candidates of a sentence's search, step by step and best first in each: all that were kept or finished, and at
/// each step the best that fell out, as many as the beam is wide. Parents stand before their children.
struct SearchTrace {
  std::vector<TracedCandidate> candidates;
  std::vector<std::vector<float>> attention;  ///< AttentionRow::mean; shared by candidates of one hypothesis
  bool cut = false;  ///< the search went on after kMostTraced candidates, which are all that is here

  static constexpr int kMostTraced = 4000;
};

}  // namespace heed
