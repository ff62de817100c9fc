#pragma once
#include <span>
#include <vector>

#include "heed/base/export.h"
#include "heed/data/batching.h"
#include "heed/data/training_data.h"

namespace HEED_ENGINE_API heed {

/// The batches of an epoch, in the order of training: of all pairs that are in memory (make_batches()), or of a cache
/// window by window. Only the data, options, seed and epoch decide what they are, so that a training resumes at any of
/// them.
class EpochBatches {
 public:
  /// `data` must outlive it.
  EpochBatches(const TrainingData& data, const BatchingOptions& options, int seed, int epoch);
  int size() const { return begins_.back(); }
  /// Valid until a batch of another window is asked for: one that follows may be. Throws Error if a cache changed.
  std::vector<Example> operator[](int batch);

  /// Brings the window of a batch into memory, with which all stay that are in it.
  void open(int batch);
  /// The batches of the window that is in memory, as places in its examples().
  std::span<const std::vector<int>> batches() const { return batches_; }
  const Examples& examples() const { return data_.cache ? examples_ : data_.train; }

 private:
  Rng rng(std::size_t window) const;
  std::vector<std::vector<int>> batches_of(std::span<const PairLength> lengths, std::size_t window) const;

  const TrainingData& data_;
  BatchingOptions options_;
  int seed_, epoch_;
  std::vector<std::vector<CacheSegment>> windows_;  // of a cache
  std::vector<int> begins_;                         // the first batch of each window; last the number of all batches
  std::size_t window_ = 0;                          // that is in memory
  Examples examples_;                               // of a cache
  std::vector<std::vector<int>> batches_;
};

}  // namespace heed
