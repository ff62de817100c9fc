#pragma once
#include <string>
#include <vector>

#include "heed/text/text_side.h"

namespace heed {

/// The tokens of a sentence of a pair. Throws Error if there are more than `max_length` (0: no limit): time and memory
/// grow with the product of a pair's lengths. Of a sentence that must have more, no more than that is cut into tokens.
///
/// `known`: the tokens of SentencePair, or none. They stand for those of the text if one of them is <unk> and they are
/// tokens of this side: joined they are the sentence, and each is of the vocabulary or is cut from the sentence too.
Encoding read_side(const TextSide& side, const std::string& sentence, const std::vector<std::string>& known,
                   int max_length);

}  // namespace heed
