#pragma once
#include <atomic>
#include <memory>

#include "heed/data/training_data.h"
#include "heed/train/trainer.h"
#include "heed/train/updater.h"

namespace heed {

/// Thrown where a training, or validate(), is asked to stop; nothing of a validation counts then. No std::exception:
/// nothing failed.
struct Stopped {};

/// Perplexity by teacher forcing; validation_metrics(), and how sharp attention is, by translation with the code that
/// serves users, compared with references as the target side would write them. Without metrics nothing is translated.
ValidationResult validate(const TrainingData& data, const Config& config, const std::shared_ptr<Seq2Seq>& model,
                          Updater& updater, const std::atomic<bool>& stop);

/// How many validation pairs are longer than max_length; empty if none.
std::string long_validation_pairs(const TrainingData& data);

/// How many translations of a validation the length limit ended; empty if none.
std::string cut_answers(const ValidationResult& result, const DataOptions& data);

}  // namespace heed
