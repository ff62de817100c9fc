#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "evaluate_values.h"
#include "heed/metrics/comparison.h"
#include "output.h"
#include "partner_lines.h"

namespace heed::app {

/// The options of `heed evaluate`.
struct EvaluateCommand {
  std::string hypotheses;
  std::vector<std::string> compared;
  std::vector<std::string> references;
  std::string input_format = "text";  // of the hypotheses and the compared
  std::string tsv;
  std::vector<int> columns = {1, 2};  // of hypotheses and references
  std::string alignments;
  std::string sure;
  std::string possible;
  std::string scores;
  std::vector<std::string> metrics;
  bool sentences = false;
  bool json = false;
  std::string output;
  MetricOptions options;
  ComparisonOptions comparison;

  void run() const;
  /// Throws UsageError for what is missing, unknown, or read by none of the metrics asked for.
  void check(const CLI::App& command) const;
  /// The metrics asked for, each once; without any, what the files are for.
  std::vector<std::string> names() const;

 private:
  void check_metrics(const std::vector<std::string>& names) const;
  void refuse_idle_files(const CLI::App& command) const;
  void refuse_idle_options(const CLI::App& command) const;
  void refuse_idle_tests(const CLI::App& command) const;
  bool compares_texts() const;
  bool compares_alignments() const;
  std::vector<std::string> inputs() const;
  PartnerLines texts() const;
  Counted none_counted(const std::vector<std::string>& of, std::size_t systems) const;
  Counted count_texts(Output& out) const;
  Counted count_alignments() const;
  bool draws() const { return comparison.bootstrap > 0 || comparison.randomization > 0; }
  void count_block(std::vector<std::vector<std::string>> block, Counted& counted) const;
};

bool is_of_texts(const std::string& name);
bool is_of_alignments(const std::string& name);

}  // namespace heed::app
