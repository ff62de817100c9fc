#pragma once
#include "heed/base/settings.h"
#include "heed/model/config.h"

namespace heed {

/// Binds the keys training.*.
void describe_training(Settings& settings, TrainingOptions& training);

}  // namespace heed
