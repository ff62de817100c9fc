#pragma once
#include <string>

#include "heed/base/export.h"
#include "heed/data/training_data.h"

namespace HEED_ENGINE_API heed {

/// What a training was made with, so that one that goes on with other data can be told.
struct DataFingerprint {
  long training_pairs = 0;
  std::string training;  ///< checksum of all ids
  long validation_pairs = 0;
  std::string validation;  ///< checksum of the text
};

DataFingerprint fingerprint(const TrainingData& data);

/// Throws Error if the data are not those of the training in `where`. One of version 0.1 did not say.
void check_same_data(const DataFingerprint& then, const DataFingerprint& now, const std::string& where);

}  // namespace heed
