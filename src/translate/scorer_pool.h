#pragma once
#include <unistd.h>

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "heed/model/bundle.h"
#include "heed/tensor/worker_pool.h"
#include "heed/translate/model_scorer.h"

namespace heed {

std::unique_ptr<BatchScorer> make_scorer(std::span<const Bundle> bundles, const EnsembleOptions& ensemble);

/// Threads, and a scorer for each.
struct PooledScorers {
  PooledScorers(int workers, int of_threads)
      : pool(workers), scorers(static_cast<std::size_t>(workers)), threads(of_threads) {}

  /// The scorer of a worker, made when it is first needed.
  BatchScorer& of(int worker, std::span<const Bundle> bundles, const EnsembleOptions& ensemble);

  WorkerPool pool;
  std::vector<std::unique_ptr<BatchScorer>> scorers;
  const int threads;  // that the call allowed
};

/// Keeps threads with their scorers, which keep compiled products and memory, from one call of a Translator to the
/// next. A call takes some for itself, so that calls from several threads do not meet.
class ScorerPool {
 public:
  ScorerPool() = default;
  ScorerPool(const ScorerPool&) = delete;
  ScorerPool& operator=(const ScorerPool&) = delete;
  ~ScorerPool() { leave_to_parent(); }

  /// At least `workers` for a call that allows `threads`: no more are started, but those of an earlier call serve.
  std::unique_ptr<PooledScorers> take(int workers, int threads);
  /// Keeps them, and none of calls that allow another number: a caller that varies it would be left with all of them.
  void give_back(std::unique_ptr<PooledScorers> scorers);

 private:
  void leave_to_parent();

  std::mutex mutex_;
  pid_t owner_ = getpid();
  std::vector<std::unique_ptr<PooledScorers>> free_;
};

}  // namespace heed
