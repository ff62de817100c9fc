#pragma once
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace heed::micro {

/// A line for each kernel, medians of its repetitions; a heading for each group, which is what stands before the first
/// slash of the names.
class Table : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;

 private:
  void print_heading(const std::string& group);
  void print_run(const Run& run);

  std::string group_;
};

}  // namespace heed::micro
