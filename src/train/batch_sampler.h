#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "heed/data/training_data.h"
#include "heed/tensor/worker_pool.h"
#include "heed/text/piece_sampler.h"

namespace heed {

/// Sub-word sampling (data.source.sampling and data.target.sampling): the sentences of each batch are cut anew, by all
/// workers, in the same way for the same seed, epoch and batch.
class BatchSampler {
 public:
  /// All must outlive this.
  BatchSampler(const TrainingData& data, WorkerPool& pool, int seed);
  /// A batch of the training examples; valid until the next call.
  std::vector<Example> sample(std::vector<Example> batch, int epoch, int number);

 private:
  std::vector<int> sample_target(std::span<const int> ids, Rng& rng) const;

  WorkerPool& pool_;
  std::uint64_t seed_;
  std::optional<PieceSampler> source_;
  std::optional<PieceSampler> target_;
  const TextOptions& direction_;  // of the target
  std::vector<std::vector<int>> sources_;
  std::vector<std::vector<int>> targets_;
};

}  // namespace heed
