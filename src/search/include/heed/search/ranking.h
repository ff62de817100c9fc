#pragma once
#include "heed/base/export.h"

namespace HEED_API heed {

/// What a hypothesis's log-probability is divided by, of |y| tokens, EOS counted; A is the length penalty.
enum class Normalization {
  kNone,     ///< 1: the sum
  kLength,   ///< |y|^A
  kGnmt,     ///< ((5 + |y|) / 6)^A: Wu et al. 2016, equation 14
  kAverage,  ///< |y|: the mean of a token
};

/// When the search for a sentence ends.
enum class StopRule {
  kBound,  ///< no live hypothesis can beat the worst of the n best finished ones
  kFirst,  ///< as many have finished as are to be returned, whatever others would be worth
  kAll,    ///< as many have finished as the beam holds, or all have met the length limit
};

/// By what finished hypotheses are ranked: log p, normalised, and word_reward for each token.
struct Ranking {
  Normalization normalization = Normalization::kLength;
  double length_penalty = 1.0;  ///< A, >= 0
  double word_reward = 0;       ///< R |y| is added (He et al. 2016, "Improved Neural Machine Translation with SMT
                                ///< Features"): R > 0 prefers long targets
  StopRule stop = StopRule::kBound;
};

}  // namespace heed
