#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/metrics/counted_metric.h"

namespace HEED_ENGINE_API heed {

struct ComparisonOptions {
  int bootstrap = 0;      ///< samples of sentences, drawn with replacement: for intervals, and p values (Koehn 2004)
  int randomization = 0;  ///< trials in which sentences are exchanged: for p values (Riezler and Maxwell 2005)
  std::uint64_t seed = 12345;
};

/// Of the samples of the bootstrap.
struct ConfidenceInterval {
  double mean = 0;
  double low = 0;   ///< 95 % of the samples are from here
  double high = 0;  ///< to here
};

struct ComparedSystem {
  MetricValue figure;                          ///< its signature names samples, trials and seed, as sacreBLEU's
  std::optional<ConfidenceInterval> interval;  ///< with a bootstrap
  /// Of the difference to the first system, two-sided: by randomization if there is one, else by the bootstrap. How
  /// likely so large a difference is if the systems are equally good. The first system has none.
  std::optional<double> p = {};
};

/// Paired tests of the first system against each other one, as sacreBLEU's paired-bs and paired-ar have them; the
/// random numbers are others. All systems meet the same samples. Throws Error if their numbers of sentences differ.
std::vector<ComparedSystem> compare_systems(std::span<const CountedMetric> systems, const ComparisonOptions& options);

}  // namespace heed
