#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

// What can be told of tokens without the bytes that they stand for, by the marks of their tokenizers: U+2581 begins a
// word, U+FFED and the "@@" of subword-nmt join.

/// Whether token t is the </s> that ends a sentence.
bool is_eos(const std::vector<std::string>& tokens, std::size_t t);
/// Whether the token stands for a space alone.
bool is_space(std::string_view token);
/// Whether the token is a piece of SentencePiece or subword-nmt, which may be a part of a word.
bool is_piece(std::string_view token);
/// The tokens of a word as one label, without marks.
std::string word_label(std::span<const std::string> tokens);
/// Whether the tokens mark where spaces stood (SentencePiece), and not where none did.
bool marks_spaces(std::span<const std::string> tokens);
/// Whether a token begins a word, by its marks and those of the previous token ("": it is the first). `spaces`:
/// marks_spaces() of all tokens.
bool begins_word(std::string_view token, std::string_view before, bool spaces);

/// For each token of a text the word between spaces that it is a part of, counted from 0; -1 for EOS. For JSON lines
/// without ranges: tokens are looked for in the text, and where they are not found there (normalised text, unknown
/// words), their marks tell.
std::vector<int> words_by_spelling(const std::string& text, const std::vector<std::string>& tokens);

}  // namespace heed
