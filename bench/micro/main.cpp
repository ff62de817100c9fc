// bench_micro [--benchmark_filter=REGEX] [--benchmark_out=FILE]: every kernel beside the machine's own rates, one
// thread.
#include <exception>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "heed/tensor/worker_pool.h"
#include "kernel.h"
#include "machine.h"
#include "table.h"

namespace {

// Medians of short runs: a neighbour's burst spoils one of them, not the figure. What the user says comes later, and
// wins.
std::vector<char*> with_defaults(int argc, char** argv) {
  static std::string defaults[] = {"--benchmark_repetitions=5", "--benchmark_min_time=0.03"};
  std::vector<char*> out = {argv[0]};
  for (std::string& argument : defaults) out.push_back(argument.data());
  out.insert(out.end(), argv + 1, argv + argc);
  return out;
}

bool run(int argc, char** argv) {
  using namespace heed::micro;
  add_products();
  add_vectors();
  add_losses();
  add_attention();
  add_mechanisms();
  add_conversions();
  add_operations();
  std::vector<char*> arguments = with_defaults(argc, argv);
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return false;
  fmt::print("One thread, medians. {}\n", describe_machine());
  Table table;
  if (benchmark::RunSpecifiedBenchmarks(&table) == 0) return false;
  fmt::print("\nMeasured again, which tells how quiet the machine was:\n{}\n", describe_machine());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv) ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_micro: {}\n", error.what());
    return 1;
  }
}
