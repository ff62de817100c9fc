#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "heed/autograd/parameter.h"
#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// One range of the flat gradient of a parameter, so that several threads share an update.
struct UpdateRange {
  Parameter* parameter;
  std::int64_t first;
  std::int64_t count;
};

/// The ranges of one of `parts` equal shares of all parameters.
std::vector<UpdateRange> update_ranges(const ParameterList& parameters, int part, int parts);

/// Changes parameters by their gradient. begin_update() once, then apply() for every range, from several threads if
/// wanted.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  virtual void begin_update() {}
  /// `gradient` is the flat gradient, in the places of ParameterList; it is multiplied by `scale` (clipping).
  virtual void apply(const UpdateRange& range, const Tensor& gradient, double learning_rate, double scale) = 0;
  /// What a resumed training needs: named arrays, and the number of updates done.
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
