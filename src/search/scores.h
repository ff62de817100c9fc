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

/// What its attention, a row for each token, adds to that; never more than 0.
double coverage_score(const std::vector<AttentionRow>& attention, const Ranking& ranking);

/// The most that a hypothesis of `length` tokens may still reach with more of them, up to `limit` in all.
double best_reachable_score(double log_probability, int length, int limit, const Ranking& ranking);

/// Throws Error unless each is a log-probability: a NaN would order candidates at random. Minus infinity is one (a
/// forbidden token); it is never taken.
void check_continuations(std::span<const Continuation> continuations);
inline bool is_forbidden(const Continuation& continuation) {
  return continuation.log_probability == -std::numeric_limits<float>::infinity();
}

/// No token can follow: every continuation of a sentence is forbidden.
[[noreturn]] void throw_no_continuation(int sentence);

}  // namespace heed
