#pragma once
#include <memory>
#include <vector>

#include "heed/data/training_data.h"
#include "heed/train/trainer.h"

namespace heed {

/// At most `count` pairs of the validation text, spread over it, of a length that a picture of attention can show where
/// there are enough of them. The same data give the same.
std::vector<std::size_t> choose_samples(const TrainingData& data, int count);

/// Their translations, by the search of validation, with attention.
std::vector<ValidationSample> translate_samples(const TrainingData& data, const std::vector<std::size_t>& chosen,
                                                const Config& config, const std::shared_ptr<Seq2Seq>& model);

}  // namespace heed
