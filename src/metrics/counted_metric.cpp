#include "heed/metrics/counted_metric.h"

#include <fmt/format.h>

#include "counts.h"
#include "heed/base/error.h"
#include "metric_table.h"

namespace heed {

CountedMetric::CountedMetric(const std::string& name, const Lines& hypotheses, const std::vector<Lines>& references,
                             const MetricOptions& options)
    : metric_(metric_index(name)), options_(options) {
  const Metric& metric = metrics()[metric_];
  if (metric.count == nullptr)
    throw UsageError(fmt::format("metric '{}' is of {}, not of texts", metric.info.name, metric.of));
  counts_ = std::make_shared<const SentenceCounts>(metric.count(hypotheses, references, options));
}

std::size_t CountedMetric::sentences() const { return counts_->sentences(); }

MetricValue CountedMetric::value(std::span<const double> sums, const MetricOptions& options) const {
  MetricValue out = metrics()[metric_].value(sums, counts_->references, options);
  out.name = metrics()[metric_].info.name;
  return out;
}

MetricValue CountedMetric::corpus() const { return value(counts_->sum(), options_); }

MetricValue CountedMetric::sentence(std::size_t i) const {
  MetricOptions options = options_;
  options.effective_order = true;
  return value(counts_->row(i), options);
}

double CountedMetric::of(std::span<const std::size_t> drawn) const {
  std::vector<double> sums(counts_->width);
  for (const std::size_t i : drawn) {
    const std::span<const double> row = counts_->row(i);
    for (std::size_t n = 0; n < sums.size(); ++n) sums[n] += row[n];
  }
  return value(sums, options_).value;
}

double CountedMetric::mixed_with(const CountedMetric& other, const std::vector<bool>& taken) const {
  std::vector<double> sums(counts_->width);
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const std::span<const double> row = (taken[i] ? *this : other).counts_->row(i);
    for (std::size_t n = 0; n < sums.size(); ++n) sums[n] += row[n];
  }
  return value(sums, options_).value;
}

}  // namespace heed
