#pragma once
#include <benchmark/benchmark.h>

#include <chrono>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "heed/products/precision.h"
#include "heed/tensor/buffer.h"

namespace heed::micro {

/// What one call of a kernel does, for the rates beside its time; 0 has no rate.
struct Work {
  double flop = 0;                            ///< of products
  double bytes = 0;                           ///< of its operands, each read or written once
  Precision precision = Precision::kFloat32;  ///< of the products
};

/// Adds the rates, and their shares of the machine's own, to what is reported.
void count_rates(benchmark::State& state, const Work& work);

template <typename Kernel>
double seconds_of(Kernel&& kernel) {
  const auto start = std::chrono::steady_clock::now();
  kernel();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Adds the benchmark "group/what". `prepare` makes the operands and returns the function to be timed, which owns them.
/// Where a kernel destroys its operands, that function restores them first and returns seconds_of(the rest).
template <typename Prepare>
void add_kernel(const std::string& name, const Work& work, Prepare prepare) {
  using Run = std::invoke_result_t<Prepare>;
  constexpr bool kTimesItself = !std::is_void_v<std::invoke_result_t<Run&>>;
  auto* made = benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    Run run = prepare();
    run();  // the caches fill
    for (auto _ : state) {
      if constexpr (kTimesItself) {
        state.SetIterationTime(run());
      } else {
        run();
      }
    }
    count_rates(state, work);
  });
  kTimesItself ? made->UseManualTime() : made->UseRealTime();
}

/// Normal values times `scale`, the same in each process; equal only after 65536.
Buffer random_buffer(std::int64_t rows, std::int64_t columns, double scale = 1);
void copy_values(const Buffer& from, const Buffer& to);
/// `count` random numbers below `bound`.
std::vector<int> random_ids(std::int64_t count, int bound);

// The groups of the table, a file each.
void add_products();
void add_vectors();
void add_losses();
void add_attention();
void add_mechanisms();
void add_conversions();
void add_operations();

}  // namespace heed::micro
