#include "heed/metrics/counted_metric.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "counts.h"
#include "heed/base/error.h"
#include "metric_table.h"

namespace heed {

CountedMetric::CountedMetric(const std::string& name, const MetricOptions& options)
    : metric_(metric_index(name)), options_(options) {
  const Metric& metric = metrics()[metric_];
  if (metric.count == nullptr)
    throw UsageError(fmt::format("metric '{}' is of {}, not of texts", metric.info.name, metric.of));
}

CountedMetric::CountedMetric(const std::string& name, const std::vector<std::string>& hypotheses,
                             const std::vector<std::vector<std::string>>& references, const MetricOptions& options)
    : CountedMetric(name, options) {
  add(hypotheses, references);
}

void CountedMetric::add(const std::vector<std::string>& hypotheses,
                        const std::vector<std::vector<std::string>>& references) {
  add(metrics()[metric_].count({hypotheses, references, sentences_}, options_));
}

void CountedMetric::add(std::span<const AlignedLinks> sentences) {
  const Metric& metric = metrics()[metric_];
  if (metric.of != std::string_view(kAlignments))
    throw UsageError(fmt::format("metric '{}' is of texts, not of {}", metric.info.name, kAlignments));
  add(count_alignments(sentences));
}

void CountedMetric::add(SentenceCounts counts) {
  sums_.resize(counts.width);
  add_rows(counts.rows, sums_);
  references_ = sentences_ == 0 || references_ == counts.references ? counts.references : kReferencesVary;
  sentences_ += counts.sentences();
  if (rows_.empty()) {
    rows_ = std::move(counts.rows);
  } else {
    rows_.insert(rows_.end(), counts.rows.begin(), counts.rows.end());
  }
}

void CountedMetric::forget_sentences() {
  rows_.clear();
  forgotten_ = sentences_;
}

void CountedMetric::refuse_forgotten(std::size_t sentence) const {
  throw Error(ErrorKind::kArgument,
              fmt::format("sentence {} has no counts; of {} sentences the first {} were forgotten", sentence,
                          sentences_, forgotten_));
}

MetricValue CountedMetric::value(std::span<const double> sums, const MetricOptions& options) const {
  MetricValue out = metrics()[metric_].value(sums, references_, options);
  out.name = metrics()[metric_].info.name;
  return out;
}

MetricValue CountedMetric::corpus() const {
  if (sentences_ == 0) throw Error("there are no hypotheses to evaluate");
  return value(sums_, options_);
}

MetricValue CountedMetric::sentence(std::size_t i) const {
  MetricOptions options = options_;
  options.effective_order = true;
  return value(row(i), options);
}

double CountedMetric::of(std::span<const std::size_t> drawn) const {
  std::vector<double> sums(sums_.size());
  for (const std::size_t i : drawn) add_rows(row(i), sums);
  return value(sums, options_).value;
}

double CountedMetric::mixed_with(const CountedMetric& other, const std::vector<bool>& taken) const {
  std::vector<double> sums(sums_.size());
  for (std::size_t i = 0; i < taken.size(); ++i) add_rows((taken[i] ? *this : other).row(i), sums);
  return value(sums, options_).value;
}

}  // namespace heed
