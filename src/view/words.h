#pragma once
#include <string>
#include <vector>

namespace heed::view {

/// Tokens that belong together, by the words of words_of(): for each token its group, counted from 0. EOS is a
/// group of its own.
std::vector<int> groups_of(const std::vector<int>& words);
/// Whether some of the tokens are parts of words, by the marks of SentencePiece and subword-nmt.
bool are_pieces(const std::vector<std::string>& tokens);
/// The words as labels, without the marks of sub-words.
std::vector<std::string> merge_labels(const std::vector<std::string>& tokens, const std::vector<int>& groups);

}  // namespace heed::view
