#include "measure.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>

#include "heed/base/rng.h"
#include "heed/text/vocabulary.h"

namespace heed::bench {

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(std::lround(share * static_cast<double>(values.size() - 1)))];
}

long peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024L;
}

PoolClocks::PoolClocks(WorkerPool& pool) : pool_(pool), clocks_(pool.size()) {
  pool.run([&](int worker) { clocks_[worker] = std::make_unique<WorkClock>(); });
}

WorkSeconds PoolClocks::stop() {
  std::vector<WorkSeconds> of_threads(clocks_.size());
  pool_.run([&](int worker) {
    of_threads[worker] = clocks_[worker]->stop();
    clocks_[worker].reset();
  });
  WorkSeconds sum{};
  for (const WorkSeconds& seconds : of_threads) {
    for (std::size_t work = 0; work < sum.size(); ++work) sum[work] += seconds[work];
  }
  return sum;
}

std::vector<Example> random_examples(const ExampleSizes& sizes, int count) {
  Rng rng(1);
  std::vector<Example> out(static_cast<std::size_t>(count));
  const auto fill = [&](std::vector<int>& ids, int length) {
    for (int i = 0; i + 1 < length; ++i) {
      ids.push_back(Vocabulary::kSpecials + static_cast<int>(rng.below(sizes.vocabulary - Vocabulary::kSpecials)));
    }
  };
  for (Example& example : out) {
    fill(example.source, sizes.source_length);
    fill(example.target, sizes.target_length);
  }
  return out;
}

}  // namespace heed::bench
