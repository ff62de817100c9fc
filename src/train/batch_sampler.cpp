#include "batch_sampler.h"

namespace heed {
namespace {

constexpr std::uint64_t kStreams = 0x5A3B1E;  // apart from those of dropout and order

}  // namespace

BatchSampler::BatchSampler(const TrainingData& data, WorkerPool& pool, int seed)
    : pool_(pool), seed_(static_cast<std::uint64_t>(seed) ^ kStreams << 32), direction_(data.target.options()) {
  if (data.source.options().sampling > 0) source_.emplace(data.source);
  if (data.target.options().sampling > 0) target_.emplace(data.target);
}

std::vector<int> BatchSampler::sample_target(std::span<const int> ids, Rng& rng) const {
  std::vector<int> text(ids.begin(), ids.end());
  direction_.turn(text);
  std::vector<int> out = target_->sample(text, rng);
  direction_.turn(out);
  return out;
}

std::vector<Example> BatchSampler::sample(std::vector<Example> batch, int epoch, int number) {
  if (!source_ && !target_) return batch;
  sources_.resize(batch.size());
  targets_.resize(batch.size());
  const std::uint64_t place = static_cast<std::uint64_t>(epoch) << 32 | static_cast<std::uint64_t>(number);
  pool_.run([&](int worker) {
    for (auto i = static_cast<std::size_t>(worker); i < batch.size(); i += static_cast<std::size_t>(pool_.size())) {
      Rng rng = Rng::stream(seed_, place, i);
      if (source_) batch[i].source = sources_[i] = source_->sample(batch[i].source, rng);
      if (target_) batch[i].target = targets_[i] = sample_target(batch[i].target, rng);
    }
  });
  return batch;
}

}  // namespace heed
