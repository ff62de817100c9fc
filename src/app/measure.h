#pragma once
#include <chrono>
#include <vector>

#include "heed/text/batching.h"

// What the benchmarks have in common.
namespace heed::app {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start);
/// The value that `share` of the values, in [0, 1], do not exceed.
double percentile(std::vector<double> values, double share);
/// The process's peak, in bytes.
long peak_memory_bytes();

struct ExampleSizes {
  int vocabulary = 0;
  int source_length = 0;  ///< end mark included
  int target_length = 0;
};
/// Random tokens; the same every time.
std::vector<Example> random_examples(const ExampleSizes& sizes, int count);

}  // namespace heed::app
