#pragma once
#include "heed/base/export.h"
#include "heed/record/translation.h"

namespace HEED_ENGINE_API heed {

/// The record with the words between spaces (words_of) for tokens, as a word-level model would have it: of the tokens
/// of a word the text, the bytes from the first to the last, the sum of what is attended to them, the mean of what they
/// attend to, the sum of their log-probabilities; a word is copied if all of its tokens are. EOS stays. The trace,
/// whose candidates are tokens, is left out.
Translated merge_subwords(Translated translated);

}  // namespace heed
