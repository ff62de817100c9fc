#include "measure.h"

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

PoolClocks::PoolClocks(WorkerPool& pool, bool in_detail) : pool_(pool), clocks_(pool.size()) {
  pool.run([&](int worker) { clocks_[worker] = std::make_unique<WorkClock>(in_detail); });
}

WorkSeconds PoolClocks::stop(WorkDetails* details) {
  std::vector<WorkSeconds> of_threads(clocks_.size());
  std::vector<WorkDetails> in_detail(clocks_.size());
  pool_.run([&](int worker) {
    of_threads[worker] = clocks_[worker]->stop();
    in_detail[worker] = clocks_[worker]->details();
    clocks_[worker].reset();
  });
  WorkSeconds sum{};
  for (const WorkSeconds& seconds : of_threads) {
    for (std::size_t work = 0; work < sum.size(); ++work) sum[work] += seconds[work];
  }
  if (details == nullptr) return sum;
  for (const WorkDetails& of_thread : in_detail) {
    for (const auto& [work, spent] : of_thread) {
      WorkSpent& all = (*details)[work];
      all.seconds += spent.seconds;
      all.times += spent.times;
    }
  }
  return sum;
}

Examples random_examples(const ExampleSizes& sizes, int count) {
  Rng rng(1);
  Examples out;
  const auto ids_of = [&](int length) {
    std::vector<int> ids;
    for (int i = 0; i + 1 < length; ++i) {
      ids.push_back(Vocabulary::kSpecials + static_cast<int>(rng.below(sizes.vocabulary - Vocabulary::kSpecials)));
    }
    return ids;
  };
  for (int i = 0; i < count; ++i) {
    const std::vector<int> source = ids_of(sizes.source_length);
    out.add({source, ids_of(sizes.target_length)});
  }
  return out;
}

}  // namespace heed::bench
