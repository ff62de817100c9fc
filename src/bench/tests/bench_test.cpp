#include <gtest/gtest.h>

#include "machine_rate.h"
#include "measure.h"

namespace heed::bench {
namespace {

TEST(Bench, RateOfTheMachineIsPositive) { EXPECT_GT(measure_matmul_gflops(Precision::kFloat32, 1), 0.0); }

// All of each thread's time goes into something: what a pool's threads do not compute, they wait.
TEST(Bench, ClocksOfAPoolAddUpToItsTime) {
  constexpr int kThreads = 2;
  WorkerPool pool(kThreads);
  const auto start = Clock::now();
  PoolClocks clocks(pool);
  const auto begun = Clock::now();
  for (int i = 0; i < 3; ++i) {
    pool.run([](int worker) {
      const WorkScope scope(WorkKind::kVector);
      const auto since = Clock::now();
      while (worker == 0 && seconds_since(since) < 0.01) {
      }
    });
  }
  const double inner = seconds_since(begun);
  const WorkSeconds seconds = clocks.stop();
  const double outer = seconds_since(start);
  double sum = 0;
  for (const double part : seconds) sum += part;
  EXPECT_GE(sum, kThreads * inner);
  EXPECT_LE(sum, kThreads * outer);
  EXPECT_GE(seconds[static_cast<std::size_t>(WorkKind::kVector)], 0.03);
  EXPECT_GT(seconds[static_cast<std::size_t>(WorkKind::kWaiting)], 0.02);
}

}  // namespace
}  // namespace heed::bench
