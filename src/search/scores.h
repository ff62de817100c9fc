#pragma once
#include <span>
#include <vector>

#include "heed/search/search.h"

namespace heed {

/// The most tokens that a target of this source may have, EOS included; at least 1.
int max_target_length(int source_length, const SearchOptions& options);

/// log p / length^length_penalty: what hypotheses are ranked by (Wu et al. 2016 use a variant; ours is the plain power,
/// so that 0 is no normalisation and 1 the mean per token).
double normalised_score(double log_probability, int length, double length_penalty);

/// Throws Error unless there are rows x k continuations and each is a log-probability: a NaN would order candidates at
/// random. Minus infinity is one (a forbidden token); it is never taken.
void check_continuations(std::span<const Continuation> continuations, std::size_t rows, int k);

/// No token can follow: every continuation of a sentence is forbidden.
[[noreturn]] void throw_no_continuation(int sentence);

}  // namespace heed
