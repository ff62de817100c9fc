#include "table.h"

#include <algorithm>
#include <cstdio>

#include "fmt/format.h"

namespace heed::micro {
namespace {

struct Column {
  const char* counter;
  const char* title;
  bool percent;
};
constexpr Column kColumns[] = {
    {"GFLOP/s", "GFLOP/s", false},
    {"share", "of oneDNN's", true},
    {"GB/s", "GB/s", false},
    {"share_of_64MB", "of 64 MB's", true},
    {"share_of_same_size", "of same size", true},
};

std::string time_text(double nanoseconds) {
  if (nanoseconds < 1e3) return fmt::format("{:.1f} ns", nanoseconds);
  if (nanoseconds < 1e6) return fmt::format("{:.1f} µs", nanoseconds * 1e-3);
  return fmt::format("{:.2f} ms", nanoseconds * 1e-6);
}

std::string value_text(const benchmark::UserCounters& counters, const Column& column) {
  const auto found = counters.find(column.counter);
  if (found == counters.end()) return "";
  return column.percent ? fmt::format("{:.0f} %", found->second.value * 100)
                        : fmt::format("{:.1f}", found->second.value);
}

void print_line(const std::string& name, const std::string& time, const std::vector<std::string>& values) {
  fmt::print("{:<50}{:>10}", name, time);
  for (const std::string& value : values) fmt::print("{:>13}", value);
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace

bool Table::ReportContext(const Context&) { return true; }

void Table::print_heading(const std::string& group) {
  group_ = group;
  std::vector<std::string> titles;
  for (const Column& column : kColumns) titles.emplace_back(column.title);
  fmt::print("\n");
  print_line(group, "time", titles);
}

void Table::ReportRuns(const std::vector<Run>& runs) {
  // Repetitions come first, then in a second call what was made of them.
  const auto wanted = [](const Run& run) {
    return run.aggregate_name == "median" || (run.repetitions == 1 && run.run_type == Run::RT_Iteration);
  };
  const auto found = std::ranges::find_if(runs, wanted);
  if (found != runs.end()) print_run(*found);
}

void Table::print_run(const Run& run) {
  const std::string& name = run.run_name.function_name;
  const std::size_t slash = name.find('/');
  if (name.substr(0, slash) != group_) print_heading(name.substr(0, slash));
  const std::string kernel = "  " + name.substr(slash + 1);
  std::vector<std::string> values;
  for (const Column& column : kColumns) values.push_back(value_text(run.counters, column));
  print_line(kernel, time_text(run.GetAdjustedRealTime()), values);
}

}  // namespace heed::micro
