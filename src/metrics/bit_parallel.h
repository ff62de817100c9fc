#pragma once
#include <vector>

namespace heed {

// Comparisons of two lines of words (as numbers from 0), exact, 64 words at a time: lines of 100,000 words take a
// second, and memory grows with the words, not with their square.

/// Levenshtein distance: each insertion, removal and substitution of a word counts one (Myers 1999, in the blocks of
/// Hyyro 2003).
long edit_distance(const std::vector<int>& a, const std::vector<int>& b);

/// Length of the longest common subsequence (Hyyro 2004).
long common_subsequence(const std::vector<int>& a, const std::vector<int>& b);

}  // namespace heed
