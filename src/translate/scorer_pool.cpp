#include "scorer_pool.h"

#include <utility>

namespace heed {

std::unique_ptr<BatchScorer> make_scorer(std::span<const Bundle> bundles, const EnsembleOptions& ensemble) {
  if (bundles.size() == 1) return std::make_unique<ModelScorer>(*bundles.front().model);
  std::vector<const Seq2Seq*> models;
  for (const Bundle& bundle : bundles) models.push_back(bundle.model.get());
  return std::make_unique<EnsembleScorer>(models, ensemble);
}

BatchScorer& PooledScorers::of(int worker, std::span<const Bundle> bundles, const EnsembleOptions& ensemble) {
  std::unique_ptr<BatchScorer>& scorer = scorers[static_cast<std::size_t>(worker)];
  if (scorer == nullptr) scorer = make_scorer(bundles, ensemble);
  return *scorer;
}

std::unique_ptr<PooledScorers> ScorerPool::take(int workers, int threads) {
  std::unique_ptr<PooledScorers> out;
  {
    const std::lock_guard lock(mutex_);
    leave_to_parent();
    for (auto each = free_.begin(); each != free_.end(); ++each) {
      if ((*each)->threads != threads) continue;
      out = std::move(*each);
      free_.erase(each);
      break;
    }
  }
  // Too few make room for more, so that a call has one pool.
  if (out == nullptr || out->pool.size() < workers) out = std::make_unique<PooledScorers>(workers, threads);
  return out;
}

void ScorerPool::give_back(std::unique_ptr<PooledScorers> scorers) {
  std::vector<std::unique_ptr<PooledScorers>> others;  // end when the lock is gone
  const std::lock_guard lock(mutex_);
  for (auto& each : free_) {
    if (each->threads != scorers->threads) others.push_back(std::move(each));
  }
  std::erase(free_, nullptr);
  free_.push_back(std::move(scorers));
}

// After a fork the child has the scorers but not their threads: it must neither use nor join them.
void ScorerPool::leave_to_parent() {
  if (getpid() == owner_) return;
  for (auto& each : free_) [[maybe_unused]] PooledScorers* const left = each.release();
  free_.clear();
  owner_ = getpid();
}

}  // namespace heed
