#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/metrics/registry.h"

namespace HEED_ENGINE_API heed {

struct SentenceCounts;

/// One of text_metrics() with what it counted in each sentence: the figure of all of them, of each, and of any that are
/// drawn, without reading a text again. A value that cannot be changed.
class CountedMetric {
 public:
  /// Throws as evaluate_metric().
  CountedMetric(const std::string& name, const std::vector<std::string>& hypotheses,
                const std::vector<std::vector<std::string>>& references, const MetricOptions& options = {});

  std::size_t sentences() const;
  /// Of all sentences.
  MetricValue corpus() const;
  /// Of sentence i alone. Of BLEU with the effective order, as in sacreBLEU.
  MetricValue sentence(std::size_t i) const;
  /// Of sentences that are drawn, each as often as it is named.
  double of(std::span<const std::size_t> drawn) const;
  /// Of sentences of which those with taken[i] are this system's and the others the other one's, which was counted with
  /// the same metric, options and references.
  double mixed_with(const CountedMetric& other, const std::vector<bool>& taken) const;

 private:
  MetricValue value(std::span<const double> sums, const MetricOptions& options) const;

  std::size_t metric_;
  MetricOptions options_;
  std::shared_ptr<const SentenceCounts> counts_;
};

}  // namespace heed
