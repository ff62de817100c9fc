#include "heed/metrics/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/metrics/counted_metric.h"
#include "metric_table.h"

namespace heed {

namespace {

/// A name without case, hyphens and underscores, as people and programs differ in them.
std::string folded(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c != '-' && c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

/// The metrics that are counted by sentences, of texts ("") or of something else.
std::vector<std::string> counted_of(std::string_view what) {
  std::vector<std::string> out;
  for (const Metric& metric : metrics()) {
    if (metric.count != nullptr && metric.of == what) out.push_back(metric.info.name);
  }
  return out;
}

}  // namespace

std::size_t metric_index(const std::string& name) {
  const std::vector<Metric>& all = metrics();
  const std::string sought = folded(name);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto is_sought = [&](const std::string& other) { return folded(other) == sought; };
    if (is_sought(all[i].info.name) || std::any_of(all[i].aliases.begin(), all[i].aliases.end(), is_sought)) return i;
    names.push_back(all[i].info.name);
  }
  throw UsageError(
      fmt::format("unknown metric '{}'; known are {}{}", name, fmt::join(names, ", "), did_you_mean(name, names)));
}

const std::vector<MetricInfo>& metric_table() {
  static const std::vector<MetricInfo> table = [] {
    std::vector<MetricInfo> rows;
    for (const Metric& metric : metrics()) {
      rows.push_back(metric.info);
      rows.back().description += metric.info.higher_is_better ? "; higher is better" : "; lower is better";
    }
    return rows;
  }();
  return table;
}

const MetricInfo& find_metric(const std::string& name) { return metrics()[metric_index(name)].info; }

std::string title_of(const std::string& name) { return find_metric(name).title; }

std::vector<std::string> text_metrics() { return counted_of(""); }

std::vector<std::string> alignment_metrics() { return counted_of(kAlignments); }

MetricValue evaluate_metric(const std::string& name, const std::vector<std::string>& hypotheses,
                            const std::vector<std::vector<std::string>>& references, const MetricOptions& options) {
  const Metric& metric = metrics()[metric_index(name)];
  if (*metric.of != '\0')
    throw UsageError(fmt::format("metric '{}' is of {}, not of texts", metric.info.name, metric.of));
  return CountedMetric(name, hypotheses, references, options).corpus();
}

}  // namespace heed
