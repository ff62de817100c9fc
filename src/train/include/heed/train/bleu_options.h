#pragma once
#include "heed/base/export.h"
#include "heed/metrics/bleu.h"
#include "heed/text/text_side.h"

namespace HEED_ENGINE_API heed {

/// Validation's BLEU options: 13a tokenisation, or none if the tokenizer is `spaces`.
BleuOptions bleu_options(const TextOptions& target);

}  // namespace heed
