#pragma once
#include <array>
#include <utility>

#include "heed/base/export.h"

namespace HEED_API heed {

/// What a hypothesis's log-probability is divided by, of |y| tokens, EOS counted; A is the length penalty.
enum class Normalization {
  kNone,     ///< 1: the sum
  kLength,   ///< |y|^A
  kGnmt,     ///< ((5 + |y|) / 6)^A: Wu et al. 2016, equation 14
  kAverage,  ///< |y|: the mean of a token
};

/// By the words of flags and requests.
inline constexpr std::array<std::pair<const char*, Normalization>, 4> kNormalizations = {
    {{"none", Normalization::kNone},
     {"length", Normalization::kLength},
     {"gnmt", Normalization::kGnmt},
     {"average", Normalization::kAverage}}};

/// When the search for a sentence ends.
enum class StopRule {
  kBound,  ///< no live hypothesis can beat the worst of the n best finished ones
  kFirst,  ///< as many have finished as are to be returned, and no live one ranks higher so far
  kAll,    ///< as many have finished as the beam holds, or all have met the length limit
};

/// What is added to the score for how a hypothesis attends: c_s is the sum of its attention to source token s, EOS
/// aside; B is the coverage penalty.
enum class CoverageScore {
  kGnmt,     ///< B sum_s log(min(c_s, 1)): what has not been attended to (Wu et al. 2016, equation 15)
  kSummary,  ///< -B sum_s (max(c_s, 1) - 1): what has been attended to twice (Gehrmann et al. 2018, "Bottom-Up
             ///< Abstractive Summarization", equation 12)
};

/// By what finished hypotheses are ranked: log p, normalised, word_reward for each token, and the coverage score.
struct Ranking {
  Normalization normalization = Normalization::kLength;
  double length_penalty = 1.0;  ///< A, >= 0
  double word_reward = 0;       ///< R |y| is added (He et al. 2016, "Improved Neural Machine Translation with SMT
                                ///< Features"): R > 0 prefers long targets
  CoverageScore coverage = CoverageScore::kGnmt;
  double coverage_penalty = 0;  ///< B, >= 0; more needs a model that attends
  StopRule stop = StopRule::kBound;
  /// Of a beam of K, P K hypotheses are followed to their end at most (Kasai et al. 2022, "A Call for Clarity in Beam
  /// Search"); > 0.
  double patience = 1;
};

}  // namespace heed
