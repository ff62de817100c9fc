#pragma once
#include <string>

#include "heed/base/export.h"
#include "heed/metrics/bleu.h"
#include "heed/text/text_side.h"

namespace HEED_ENGINE_API heed {

/// Validation's BLEU options, by training.validation_tokenize; auto: 13a, or none if the tokenizer is `spaces`.
BleuOptions bleu_options(const TextOptions& target, const std::string& tokenize);

}  // namespace heed
