#pragma once
#include "heed/base/export.h"
#include "heed/metrics/bleu.h"
#include "heed/text/text_side.h"

namespace HEED_ENGINE_API heed {

/// How validation counts BLEU of a target side: over 13a tokens, or over the tokens as they are where the tokenizer is
/// `spaces`.
BleuOptions bleu_options(const TextOptions& target);

}  // namespace heed
