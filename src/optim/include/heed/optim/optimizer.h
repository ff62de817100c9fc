#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "heed/autograd/parameter.h"
#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A range of a parameter's flat gradient; several threads update disjoint ranges.
struct UpdateRange {
  Parameter* parameter;
  std::int64_t first;
  std::int64_t count;
};

/// The ranges of one of `parts` equal shares of all parameters.
std::vector<UpdateRange> update_ranges(const ParameterList& parameters, int part, int parts);

/// Updates parameters by their gradient: begin_update() once, then apply() for every range, also from several threads.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  virtual void begin_update() {}
  /// `gradient` is the flat gradient in the layout of ParameterList, multiplied by `scale` (clipping).
  virtual void apply(const UpdateRange& range, const Tensor& gradient, double learning_rate, double scale) = 0;
  /// The state for resuming: named arrays, beside the number of updates.
  virtual std::vector<std::pair<std::string, Tensor>> state() { return {}; }
  long updates = 0;
};

struct OptimizerKind {
  std::string name;
  std::string description;
  std::string paper;
  std::unique_ptr<Optimizer> (*make)(const ParameterList& parameters);
};
const std::vector<OptimizerKind>& optimizer_kinds();
/// Throws UsageError with the nearest name.
std::unique_ptr<Optimizer> make_optimizer(const std::string& name, const ParameterList& parameters);

}  // namespace heed
