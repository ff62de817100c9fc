#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// How a run's model does on data.test.
struct TestResult {
  int epoch = 0;  ///< of the model
  long update = 0;
  long sentences = 0;
  int beam = 1;
  double perplexity = 0;
  std::vector<std::pair<std::string, double>> metrics;  ///< by the names of heed/metrics/registry.h
};

/// Reads test.json of a run's directory; nothing if there is none. Throws Error if it is damaged.
std::optional<TestResult> read_test(const std::filesystem::path& directory);

}  // namespace heed
