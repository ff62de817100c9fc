#pragma once
#include <chrono>
#include <memory>
#include <vector>

#include "heed/data/examples.h"
#include "heed/tensor/work_clock.h"
#include "heed/tensor/worker_pool.h"

// What the benchmarks have in common.
namespace heed::bench {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start);
/// The value that `share` of the values, in [0, 1], do not exceed.
double percentile(std::vector<double> values, double share);

/// A clock in each thread of a pool.
class PoolClocks {
 public:
  explicit PoolClocks(WorkerPool& pool, bool in_detail = false);
  /// Sums of all threads; afterwards there are no clocks. `details`, if any, gets those of all threads.
  WorkSeconds stop(WorkDetails* details = nullptr);

 private:
  WorkerPool& pool_;
  std::vector<std::unique_ptr<WorkClock>> clocks_;
};

struct ExampleSizes {
  int vocabulary = 0;
  int source_length = 0;  ///< EOS included
  int target_length = 0;
};
/// Random tokens; the same every time.
Examples random_examples(const ExampleSizes& sizes, int count);

}  // namespace heed::bench
