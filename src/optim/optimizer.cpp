#include "heed/optim/optimizer.h"

#include <algorithm>
#include <cmath>

#include "heed/autograd/checks.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/kernels/elementwise.h"

namespace heed {
namespace {

/// Where a range begins in the flat gradient.
std::int64_t place_of(const UpdateRange& range, const ParameterList& parameters, const Tensor& gradient) {
  const ArgumentCheck check("apply");
  check.listed(range.parameter, parameters.all());
  check.elements(range.parameter, range.first, range.count);
  check.shape("the gradient", gradient, 1, parameters.total());
  return parameters.offset(range.parameter->index) + range.first;
}

/// Kingma and Ba 2015, algorithm 1, with their defaults.
class Adam : public Optimizer {
 public:
  explicit Adam(const ParameterList& parameters)
      : parameters_(parameters), mean_(1, parameters.total()), variance_(1, parameters.total()) {}

  void begin_update() override {
    ++updates;
    const auto steps = static_cast<double>(updates);
    correction1_ = 1.0 - std::pow(kBeta1, steps);
    correction2_ = std::sqrt(1.0 - std::pow(kBeta2, steps));
  }

  void apply(const UpdateRange& range, const Tensor& gradient, double learning_rate, double scale) override {
    const std::int64_t at = place_of(range, parameters_, gradient);
    const AdamStep step{static_cast<float>(learning_rate * correction2_ / correction1_), static_cast<float>(kBeta1),
                        static_cast<float>(kBeta2), static_cast<float>(kEpsilon * correction2_),
                        static_cast<float>(scale)};
    adam_update(step, gradient.data + at, mean_.view().data + at, variance_.view().data + at,
                range.parameter->value.view().data + range.first, range.count);
  }

  std::vector<std::pair<std::string, Tensor>> state() override {
    return {{"adam.mean", mean_.view()}, {"adam.variance", variance_.view()}};
  }

 private:
  static constexpr double kBeta1 = 0.9;
  static constexpr double kBeta2 = 0.999;
  static constexpr double kEpsilon = 1e-8;

  const ParameterList& parameters_;
  Buffer mean_;
  Buffer variance_;
  double correction1_ = 1;
  double correction2_ = 1;
};

/// weight -= learning_rate * gradient
class Sgd : public Optimizer {
 public:
  explicit Sgd(const ParameterList& parameters) : parameters_(parameters) {}
  void begin_update() override { ++updates; }
  void apply(const UpdateRange& range, const Tensor& gradient, double learning_rate, double scale) override {
    const std::int64_t at = place_of(range, parameters_, gradient);
    add_scaled(gradient.data + at, static_cast<float>(-learning_rate * scale),
               range.parameter->value.view().data + range.first, range.count);
  }

 private:
  const ParameterList& parameters_;
};

template <typename T>
std::unique_ptr<Optimizer> make(const ParameterList& parameters) {
  return std::make_unique<T>(parameters);
}

}  // namespace

std::vector<UpdateRange> update_ranges(const ParameterList& parameters, int part, int parts) {
  ArgumentCheck("update_ranges").share(part, parts);
  std::int64_t total = 0;
  for (const Parameter* parameter : parameters.all()) total += parameter->size();
  const std::int64_t low = total * part / parts;
  const std::int64_t high = total * (part + 1) / parts;
  std::vector<UpdateRange> ranges;
  std::int64_t at = 0;
  for (Parameter* parameter : parameters.all()) {
    const std::int64_t first = std::clamp(low - at, std::int64_t{0}, parameter->size());
    const std::int64_t last = std::clamp(high - at, std::int64_t{0}, parameter->size());
    if (last > first) ranges.push_back({parameter, first, last - first});
    at += parameter->size();
  }
  return ranges;
}

const std::vector<OptimizerKind>& optimizer_kinds() {
  static const std::vector<OptimizerKind> kinds = {
      {"adam", "moments of the gradient set the step of each weight", "Kingma and Ba 2015", &make<Adam>},
      {"sgd", "plain gradient descent", "Robbins and Monro 1951", &make<Sgd>},
  };
  return kinds;
}

std::unique_ptr<Optimizer> make_optimizer(const std::string& name, const ParameterList& parameters) {
  std::vector<std::string> names;
  for (const OptimizerKind& kind : optimizer_kinds()) {
    if (kind.name == name) return kind.make(parameters);
    names.push_back(kind.name);
  }
  throw UsageError("unknown optimizer '" + name + "'" + did_you_mean(name, names));
}

}  // namespace heed
