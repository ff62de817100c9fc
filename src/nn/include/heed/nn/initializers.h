#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/rng.h"
#include "heed/nn/initial_options.h"
#include "heed/tensor/tensor.h"

namespace HEED_ENGINE_API heed {

/// A line of the table of model.initial.weights.
struct WeightInitializer {
  std::string name;
  /// `widths`: of a weight's input and of what one gate gives, together.
  void (*fill)(const Tensor& value, Rng& rng, const InitialOptions& options, double widths);
  bool reads_scale = false;
};
/// Throws UsageError for an unknown name.
const WeightInitializer& find_initializer(const std::string& name);
std::vector<std::string> initializer_names();

}  // namespace heed
