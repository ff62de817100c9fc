#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "heed/metrics/comparison.h"

namespace heed::app {

/// What `heed evaluate` counts of texts, [metric][system]: the hypotheses first, then each file that is compared.
using Counted = std::vector<std::vector<CountedMetric>>;

/// What `heed evaluate` computed of one metric: of the hypotheses first, then of each file that is compared.
struct Evaluated {
  std::vector<ComparedSystem> systems;
};

/// A line for each metric and system. `files`: the systems' names, said where there are several.
std::string to_text(const std::vector<Evaluated>& values, const std::vector<std::string>& files);
/// One object (docs/metrics.md).
std::string to_json(const std::vector<Evaluated>& values, const std::vector<std::string>& files);

/// Of each sentence from `first` on a line with the figures of the hypotheses: between tabs, or as an object.
std::string to_sentence_lines(const Counted& metrics, std::size_t first, bool json);

}  // namespace heed::app
