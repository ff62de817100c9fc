#pragma once
#include <string>
#include <vector>

#include "heed/search/search_trace.h"

namespace heed::view {

/// Tokens that belong together, by the words of words_of(): for each token its group, counted from 0. EOS is a group of
/// its own.
std::vector<int> groups_of(const std::vector<int>& words);
/// The words as labels, without the marks of sub-words.
std::vector<std::string> merge_labels(const std::vector<std::string>& tokens, const std::vector<int>& groups);
/// The tokens of each group as they are, one after the other.
std::vector<std::string> join_labels(const std::vector<std::string>& tokens, const std::vector<int>& groups);

/// The words of a search's branches by the marks of their tokens, since a branch has no text.
struct BranchWords {
  std::vector<int> words;           ///< of each candidate its word in its branch, counted from 0; -1 for EOS
  std::vector<std::string> labels;  ///< of each candidate its word up to it, without marks
};
BranchWords branch_words(const SearchTrace& trace, const std::vector<std::string>& tokens);

}  // namespace heed::view
