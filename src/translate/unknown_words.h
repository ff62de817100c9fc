#pragma once
#include <cstddef>
#include <string>

#include "heed/record/translation.h"
#include "heed/text/text_side.h"
#include "heed/translate/dictionary.h"

namespace heed {

/// Whether a word may begin or end at a byte of a text: not between letters or digits.
bool between_words(const std::string& text, std::size_t at);

/// What replaces an <unk>: the translation of source tokens [first, last].
struct Replacement {
  std::string token;
  std::size_t first = 0;
  std::size_t last = 0;
};

/// What replaces an <unk> that attended most to source token `most`: the translation of the longest phrase of the
/// dictionary (nullptr: there is none) that covers it and begins and ends where words do, else of the token, else the
/// token itself. `side` joins the tokens of the source, as both sides have the same tokenizer.
Replacement replacement_of(const Translated& source, std::size_t most, const TextSide& side,
                           const Dictionary* dictionary);

}  // namespace heed
