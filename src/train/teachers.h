#pragma once
#include <vector>

#include "heed/data/training_data.h"
#include "heed/model/bundle.h"

namespace heed {

/// The bundles of training.distill.teacher. Throws UsageError for one whose tokens are not those of the data, or whose
/// output is more than a softmax.
std::vector<Bundle> load_teachers(const std::vector<std::string>& directories, const TrainingData& data);
std::vector<const Seq2Seq*> models_of(const std::vector<Bundle>& bundles);

}  // namespace heed
