#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace heed {
namespace HEED_ENGINE_API utf8 {

/// Offset of the first byte that is not well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates), or nothing.
std::optional<std::size_t> first_invalid(std::string_view text);

/// Length in bytes of the character that starts at text[at]; text must be valid UTF-8.
std::size_t char_length(std::string_view text, std::size_t at);

/// The last character boundary at or before `at`, at most three bytes back.
std::size_t boundary_before(std::string_view text, std::size_t at);

/// One string view per code point, in order; text must be valid UTF-8.
std::vector<std::string_view> chars(std::string_view text);

/// Code point of the one character that `character` holds.
char32_t decode(std::string_view character);
void append(std::string& out, char32_t code_point);

/// Lower case as Python's str.lower(), for figures equal to sacreBLEU's: all scripts, final sigma at the end of a word,
/// and U+0130 as an i with a dot above.
std::string lowercase(std::string_view text);
/// Appends the lower case of the character at text[at], which may depend on those around it. Returns its length.
std::size_t append_lower(std::string& out, std::string_view text, std::size_t at);

/// The words of a line, wherever words are counted or numbered (alignments, `heed view`, reports): strings between
/// spaces, tabs and other ASCII blanks, as in Pharaoh files. A no-break or an ideographic space is inside a word.
/// Metrics and a model's tokenizer cut lines in their own ways.
std::vector<std::string_view> words(std::string_view line);
bool separates_words(char c);

/// Letters and combining marks of every script, and the format characters (joiners) that stand inside words.
bool is_letter_or_mark(char32_t c);
/// Combining marks, joiners, variation selectors: they belong to the character before them.
bool is_zero_width(char32_t c);
/// Decimal digits of any script.
bool is_digit(char32_t c);
/// White space: ASCII, no-break (U+00A0, U+202F), thin, ideographic, line separators.
bool is_space(char32_t c);
/// Nothing but white space, or nothing at all; text must be valid UTF-8.
bool is_blank(std::string_view text);

/// Columns that the text takes in a terminal: 0 for combining marks, 2 for East Asian wide characters.
std::size_t display_width(std::string_view text);

}  // namespace utf8
}  // namespace heed
