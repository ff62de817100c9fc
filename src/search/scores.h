#pragma once
#include <limits>
#include <span>
#include <vector>

#include "heed/search/search.h"

namespace heed {

/// The most tokens that a target of this source may have, EOS included; at least 1.
int max_target_length(int source_length, const SearchOptions& options);

/// The fewest, at most max_target_length(); at least 1.
int min_target_length(int source_length, const SearchOptions& options);

/// What hypotheses of `length` tokens are ranked by.
double ranked_score(double log_probability, int length, const Ranking& ranking);

/// Whether attention is kept, for the hypotheses or for their scores.
inline bool keeps_attention(const SearchOptions& options) {
  return options.keep_attention || options.ranking.coverage_penalty > 0;
}
/// Gives a finished hypothesis its score, says whether it was cut, and takes away attention that is not asked for.
void finish(Hypothesis& hypothesis, const SearchOptions& options);

/// The most that a hypothesis of `length` tokens may still reach with more of them, up to `limit` in all.
double best_reachable_score(double log_probability, int length, int limit, const Ranking& ranking);

/// Throws Error unless each is a log-probability: a NaN would order candidates at random. Minus infinity is one (a
/// forbidden token); it is never taken.
void check_continuations(std::span<const Continuation> continuations);
inline bool is_forbidden(const Continuation& continuation) {
  return continuation.log_probability == -std::numeric_limits<float>::infinity();
}

/// No token can follow in a sentence without constraints.
[[noreturn]] void throw_no_continuation(int sentence);

}  // namespace heed
