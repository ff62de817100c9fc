#pragma once
#include <functional>
#include <memory>
#include <span>

#include "heed/data/epoch_batches.h"
#include "heed/model/seq2seq.h"
#include "heed/train/position.h"
#include "heed/train/rehearsal.h"
#include "heed/train/updater.h"

namespace heed {

/// A training that stands before its next update.
struct ReadyTraining {
  const Config& config;
  const TrainingData& data;
  const std::shared_ptr<Seq2Seq>& model;
  Updater& updater;
  std::span<const Bundle> ensemble;  ///< of validation
  const TrainingPosition& position;
  const EpochBatches& batches;  ///< of an epoch; of a cache those of a window are in memory
  std::function<void(const std::vector<int>& batch)> update;
};

/// Updates its weights for nothing, and reports.
Rehearsal rehearse(const ReadyTraining& training);

}  // namespace heed
