#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "heed/text/text_side.h"
#include "symbols.h"

namespace heed {

/// A sentence as the tokenizer reads it, and for each of its bytes (and its end) where that stands in the one that was
/// given. Where a character became several, the first of them has all of it.
struct Prepared {
  std::string text;
  std::vector<std::size_t> origin;
};

/// Adds the origin of bytes that were appended to the text since it had all of theirs, and that stand for [begin, end).
void add_origin(Prepared& prepared, std::size_t begin, std::size_t end);

/// Whether sentences are read otherwise than they are given.
bool changes_text(const TextOptions& options);
/// Normalised, then in lower case, as the options say, but for symbols, which stay. The sentence must be UTF-8.
Prepared prepare(std::string_view sentence, const TextOptions& options, const Symbols& symbols);

}  // namespace heed
