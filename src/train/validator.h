#pragma once
#include <memory>

#include "heed/train/trainer.h"
#include "heed/train/training_data.h"
#include "heed/train/updater.h"

namespace heed {

/// Perplexity by teacher forcing, BLEU and accuracy by greedy translation with the code that serves users. BLEU is over
/// 13a tokens, or over the tokens as they are where the target's tokenizer is `spaces`.
ValidationResult validate(const TrainingData& data, const Config& config, const std::shared_ptr<Seq2Seq>& model,
                          Updater& updater);

}  // namespace heed
