#pragma once
#include <string>

#include "heed/base/export.h"
#include "heed/data/training_data.h"

namespace HEED_ENGINE_API heed {

/// Checksums of a training's data, so that --resume detects other data.
struct DataFingerprint {
  long training_pairs = 0;
  std::string training;  ///< checksum of all ids
  long validation_pairs = 0;
  std::string validation;  ///< checksum of the text
  std::string ensemble;    ///< of the models that translate with that of the training in validation; empty: none do
};

DataFingerprint fingerprint(const TrainingData& data);

/// Throws Error if the data differ from those of the training in `where`. Version 0.1 wrote no fingerprint.
void check_same_data(const DataFingerprint& then, const DataFingerprint& now, const std::string& where);

}  // namespace heed
