#pragma once
#include <string>
#include <vector>

#include "heed/metrics/registry.h"
#include "segments.h"
#include "sentence_counts.h"

namespace heed {

struct Metric {
  MetricInfo info;
  std::vector<std::string> aliases = {};  // names of other programs, beside case, hyphens and underscores
  const char* of = "";                    // what it is of if not of texts
  // null: nothing that is counted by sentences; of alignments `texts` is as count_alignments() has it
  SentenceCounts (*count)(const Texts& texts, const MetricOptions& options) = nullptr;
  MetricValue (*value)(std::span<const double> sums, const std::string& references,
                       const MetricOptions& options) = nullptr;  // without its name
};

inline constexpr const char* kAlignments = "alignments";  // Metric::of

const std::vector<Metric>& metrics();
/// Where it stands in metrics(). Throws as find_metric().
std::size_t metric_index(const std::string& name);

}  // namespace heed
