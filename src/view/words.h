#pragma once
#include <string>
#include <vector>

namespace heed::view {

/// Tokens that belong together, by the words of words_of(): for each token its group, counted from 0. EOS is a group of
/// its own.
std::vector<int> groups_of(const std::vector<int>& words);
/// The words as labels, without the marks of sub-words.
std::vector<std::string> merge_labels(const std::vector<std::string>& tokens, const std::vector<int>& groups);

}  // namespace heed::view
