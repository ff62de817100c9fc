#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "heed/text/tokenizer.h"

namespace heed {

/// For each piece of a sentence the word, as utf8::words, that it begins in; one that begins in white space is of the
/// word behind it.
std::vector<int> words_of_pieces(std::string_view sentence, std::span<const Piece> pieces);

/// Adds the value of each token, which is that of its word or the only one.
void spread_values(std::span<const int> values, std::span<const int> words, std::vector<int>& out);

}  // namespace heed
