#include "heed/tensor/worker_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "error_of.h"
#include "heed/base/error.h"

namespace heed {
namespace {

class Pool : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Sizes, Pool, testing::Values(1, 2, 3, 7));

TEST_P(Pool, EveryWorkerRunsOnceInItsOwnThread) {
  WorkerPool pool(GetParam());
  EXPECT_EQ(pool.size(), GetParam());
  std::vector<std::thread::id> first(static_cast<std::size_t>(GetParam()));
  pool.run([&](int worker) { first[worker] = std::this_thread::get_id(); });
  EXPECT_EQ(std::set(first.begin(), first.end()).size(), first.size());
  EXPECT_EQ(first[0], std::this_thread::get_id());
  std::vector<int> runs(first.size());
  for (int round = 0; round < 200; ++round) {
    pool.run([&](int worker) {
      ++runs[worker];
      if (first[worker] != std::this_thread::get_id()) throw std::logic_error("another thread");
    });
  }
  EXPECT_EQ(runs, std::vector<int>(first.size(), 200));
}

TEST_P(Pool, TheFirstExceptionByNumberComesBackAndAllWorkIsDone) {
  WorkerPool pool(GetParam());
  const int last = GetParam() - 1;
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> done = 0;
    const std::string error = error_of<std::runtime_error>([&] {
      pool.run([&](int worker) {
        ++done;
        if (worker >= last - 1) throw std::runtime_error(std::to_string(worker));
      });
    });
    EXPECT_EQ(error, std::to_string(std::max(last - 1, 0)));
    EXPECT_EQ(done, GetParam());
    // As good as new.
    done = 0;
    pool.run([&](int) { ++done; });
    EXPECT_EQ(done, GetParam());
  }
}

#ifndef HEED_SANITIZED  // sanitizers need memory of their own
TEST(Pool, ThreadsThatCanNotBeStartedAreAnError) {
  const auto start_without_memory = [] {
    long pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const auto limit = static_cast<rlim_t>(pages * sysconf(_SC_PAGESIZE) + (40L << 20));
    const rlimit limits = {limit, limit};
    setrlimit(RLIMIT_AS, &limits);
    try {
      const WorkerPool pool(300);
    } catch (const Error& error) {
      std::fputs(error.what(), stderr);
      std::_Exit(3);
    }
    std::_Exit(0);
  };
  EXPECT_EXIT(start_without_memory(), testing::ExitedWithCode(3), "cannot start 300 threads: ");
}
#endif

TEST(Pool, WorkMaySeeWhatWasWrittenBefore) {
  WorkerPool pool(3);
  std::vector<long> values(3, 1);
  for (int round = 0; round < 100; ++round) {
    const std::vector<long> before = values;
    pool.run([&](int worker) { values[worker] = before[(worker + 1) % 3] + worker; });
  }
  EXPECT_EQ(values[0] + values[1] + values[2], 3 + 3 * 100);
}

}  // namespace
}  // namespace heed
