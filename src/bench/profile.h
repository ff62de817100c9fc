#pragma once
#include <string>
#include <utility>
#include <vector>

#include "heed/products/precision.h"
#include "heed/tensor/work_clock.h"

// Where the time goes between a model and the machine's rate, as Markdown.
namespace heed::bench {

struct Profile {
  WorkDetails details = {};  ///< of all threads
  int threads = 1;
  double thread_seconds = 0;  ///< of all threads, waiting included
  double units = 1;           ///< updates or sentences that took it
  std::string unit;           ///< "an update"
  Precision precision = Precision::kFloat32;
  double thread_gflops = 0;  ///< the machine's rate of a thread in that precision (measure_matmul_gflops)
};
/// Products by shape, each with its rate here and that of the best way to multiply by itself; then all other work.
/// Takes some seconds: the ways are measured.
std::string describe(const Profile& profile);

/// Bytes by kind; what is left of `peak` is the last line.
std::string describe_memory(const std::vector<std::pair<std::string, double>>& kinds, double peak);

}  // namespace heed::bench
