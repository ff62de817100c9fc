#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "heed/autograd/parameter.h"
#include "heed/base/export.h"
#include "heed/optim/optimizer_options.h"

namespace HEED_ENGINE_API heed {

/// A range of a parameter's flat gradient; several threads update disjoint ranges.
struct UpdateRange {
  Parameter* parameter;
  std::int64_t first;
  std::int64_t count;
};

/// One of `parts` equal shares of some ranges.
std::vector<UpdateRange> share_of_ranges(std::span<const UpdateRange> all, int part, int parts);

/// The ranges of one of `parts` equal shares of all parameters.
std::vector<UpdateRange> update_ranges(const ParameterList& parameters, int part, int parts);

/// What one update does with the gradient.
struct UpdateScales {
  double learning_rate;
  double gradient_scale = 1;  ///< from clipping by norm
  double clip_value = 0;      ///< > 0: each number of the gradient is cut to [-clip_value, clip_value]
};

/// Updates parameters by their gradient: begin_update() once, then apply() for every range, also from several threads.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  virtual void begin_update() { ++updates; }
  /// `gradient` is the flat gradient in the layout of ParameterList.
  virtual void apply(const UpdateRange& range, const Tensor& gradient, const UpdateScales& scales) = 0;
  /// The state for resuming: named arrays, beside the number of updates.
  virtual std::vector<std::pair<std::string, Tensor>> state() { return {}; }
  long updates = 0;
  long earlier_updates = 0;  ///< of another training, whose state it began with
};

struct OptimizerKind {
  std::string name;
  std::string description;
  std::string paper;
  std::unique_ptr<Optimizer> (*make)(const OptimizerOptions& options, const ParameterList& parameters);
  /// The constants that it reads beside weight_decay, and its own values of those that are 0 in the options.
  std::vector<std::string> reads = {};
  double epsilon = 0;
  double rho = 0;
  bool has_moments = true;
};
const std::vector<OptimizerKind>& optimizer_kinds();
std::vector<std::string> optimizer_names();
/// Throws UsageError with the nearest name.
const OptimizerKind& find_optimizer(const std::string& name);
/// Throws UsageError for a constant that differs from its default and that the kind does not read.
void check_effect(const OptimizerOptions& options);
/// Throws as find_optimizer() does.
std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const ParameterList& parameters);

}  // namespace heed
