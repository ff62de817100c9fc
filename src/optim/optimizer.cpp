#include "heed/optim/optimizer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "heed/autograd/checks.h"
#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/kernels/optimizers.h"

namespace heed {
namespace {

/// What all kinds share: up to two moments for each number of the parameters, and weight decay.
class FlatOptimizer : public Optimizer {
 public:
  FlatOptimizer(OptimizerOptions options, const ParameterList& parameters, std::vector<std::string> moments)
      : options_(std::move(options)), names_(std::move(moments)), parameters_(parameters) {
    const OptimizerKind& kind = find_optimizer(options_.kind);
    if (options_.epsilon == 0) options_.epsilon = kind.epsilon;
    if (options_.rho == 0) options_.rho = kind.rho;
    for (std::size_t i = 0; i < names_.size(); ++i) moments_.emplace_back(1, parameters.total());
  }

  void apply(const UpdateRange& range, const Tensor& gradient, const UpdateScales& scales) final {
    const ArgumentCheck check("apply");
    check.listed(range.parameter, parameters_.all());
    check.elements(range.parameter, range.first, range.count);
    check.shape("the gradient", gradient, 1, parameters_.total());
    const std::int64_t at = parameters_.offset(range.parameter->index) + range.first;
    const double decay = range.parameter->value.view().rows > 1 ? options_.weight_decay : 0;
    const StepFactors factors{.learning_rate = static_cast<float>(scales.learning_rate * rate_correction_),
                              .gradient_scale = static_cast<float>(scales.gradient_scale),
                              .largest = static_cast<float>(scales.clip_value),
                              .l2 = static_cast<float>(decoupled_ ? 0 : decay),
                              .keep = static_cast<float>(decoupled_ ? 1 - scales.learning_rate * decay : 1)};
    const auto moment = [&](std::size_t i) { return i < moments_.size() ? moments_[i].view().data + at : nullptr; };
    step(factors,
         {gradient.data + at, range.parameter->value.view().data + range.first, moment(0), moment(1), range.count});
  }

  std::vector<std::pair<std::string, Tensor>> state() final {
    std::vector<std::pair<std::string, Tensor>> out;
    for (std::size_t i = 0; i < names_.size(); ++i) out.emplace_back(names_[i], moments_[i].view());
    return out;
  }

 protected:
  virtual void step(const StepFactors& factors, const StepArrays& arrays) const = 0;

  OptimizerOptions options_;
  std::vector<std::string> names_;
  std::vector<Buffer> moments_;
  double rate_correction_ = 1;
  bool decoupled_ = false;

 private:
  const ParameterList& parameters_;
};

/// With decoupled weight decay it is AdamW.
template <bool kDecoupled>
class Adam : public FlatOptimizer {
 public:
  Adam(const OptimizerOptions& options, const ParameterList& parameters)
      : FlatOptimizer(options, parameters, {"adam.mean", "adam.variance"}) {
    decoupled_ = kDecoupled;
  }
  void begin_update() override {
    Optimizer::begin_update();
    const auto steps = static_cast<double>(earlier_updates + updates);
    const double correction = std::sqrt(1.0 - std::pow(options_.betas[1], steps));
    rate_correction_ = correction / (1.0 - std::pow(options_.betas[0], steps));
    epsilon_ = options_.epsilon * correction;
  }
  void step(const StepFactors& factors, const StepArrays& arrays) const override {
    adam_step(factors, static_cast<float>(options_.betas[0]), static_cast<float>(options_.betas[1]),
              static_cast<float>(epsilon_), arrays);
  }

 private:
  double epsilon_ = 0;  // corrected
};

class Sgd : public FlatOptimizer {
 public:
  Sgd(const OptimizerOptions& options, const ParameterList& parameters) : FlatOptimizer(options, parameters, {}) {}
  void step(const StepFactors& factors, const StepArrays& arrays) const override { sgd_step(factors, arrays); }
};

template <bool kNesterov>
class Momentum : public FlatOptimizer {
 public:
  Momentum(const OptimizerOptions& options, const ParameterList& parameters)
      : FlatOptimizer(options, parameters, {"momentum.velocity"}) {}
  void step(const StepFactors& factors, const StepArrays& arrays) const override {
    momentum_step(factors, static_cast<float>(options_.momentum), kNesterov, arrays);
  }
};

class Adagrad : public FlatOptimizer {
 public:
  Adagrad(const OptimizerOptions& options, const ParameterList& parameters)
      : FlatOptimizer(options, parameters, {"adagrad.squares"}) {
    const Tensor squares = moments_.front().view();
    std::fill_n(squares.data, squares.size(), static_cast<float>(options.initial_accumulator));
  }
  void step(const StepFactors& factors, const StepArrays& arrays) const override {
    adagrad_step(factors, static_cast<float>(options_.epsilon), arrays);
  }
};

class Adadelta : public FlatOptimizer {
 public:
  Adadelta(const OptimizerOptions& options, const ParameterList& parameters)
      : FlatOptimizer(options, parameters, {"adadelta.squares", "adadelta.steps"}) {}
  void step(const StepFactors& factors, const StepArrays& arrays) const override {
    adadelta_step(factors, static_cast<float>(options_.rho), static_cast<float>(options_.epsilon), arrays);
  }
};

class Rmsprop : public FlatOptimizer {
 public:
  Rmsprop(const OptimizerOptions& options, const ParameterList& parameters)
      : FlatOptimizer(options, parameters, {"rmsprop.squares"}) {}
  void step(const StepFactors& factors, const StepArrays& arrays) const override {
    rmsprop_step(factors, static_cast<float>(options_.rho), static_cast<float>(options_.epsilon), arrays);
  }
};

template <typename T>
std::unique_ptr<Optimizer> make(const OptimizerOptions& options, const ParameterList& parameters) {
  return std::make_unique<T>(options, parameters);
}

}  // namespace

std::vector<UpdateRange> share_of_ranges(std::span<const UpdateRange> all, int part, int parts) {
  ArgumentCheck("share_of_ranges").share(part, parts);
  std::int64_t total = 0;
  for (const UpdateRange& range : all) total += range.count;
  const std::int64_t low = total * part / parts;
  const std::int64_t high = total * (part + 1) / parts;
  std::vector<UpdateRange> out;
  std::int64_t at = 0;
  for (const UpdateRange& range : all) {
    const std::int64_t first = std::clamp(low - at, std::int64_t{0}, range.count);
    const std::int64_t last = std::clamp(high - at, std::int64_t{0}, range.count);
    if (last > first) out.push_back({range.parameter, range.first + first, last - first});
    at += range.count;
  }
  return out;
}

std::vector<UpdateRange> update_ranges(const ParameterList& parameters, int part, int parts) {
  ArgumentCheck("update_ranges").share(part, parts);
  std::vector<UpdateRange> all;
  for (Parameter* parameter : parameters.all()) {
    if (!parameter->frozen) all.push_back({parameter, 0, parameter->size()});
  }
  return share_of_ranges(all, part, parts);
}

const std::vector<OptimizerKind>& optimizer_kinds() {
  static const std::vector<OptimizerKind> kinds = {
      {.name = "adam",
       .description = "moments of the gradient set the step of each weight",
       .paper = "Kingma and Ba 2015",
       .make = &make<Adam<false>>,
       .reads = {"betas", "epsilon"},
       .epsilon = 1e-8},
      {.name = "adamw",
       .description = "Adam whose weight decay is no part of the gradient",
       .paper = "Loshchilov and Hutter 2019",
       .make = &make<Adam<true>>,
       .reads = {"betas", "epsilon"},
       .epsilon = 1e-8},
      {.name = "sgd",
       .description = "plain gradient descent",
       .paper = "Robbins and Monro 1951",
       .make = &make<Sgd>,
       .has_moments = false},
      {.name = "momentum",
       .description = "gradient descent with a velocity",
       .paper = "Polyak 1964",
       .make = &make<Momentum<false>>,
       .reads = {"momentum"}},
      {.name = "nesterov",
       .description = "gradient descent with a velocity that looks ahead",
       .paper = "Sutskever et al. 2013",
       .make = &make<Momentum<true>>,
       .reads = {"momentum"}},
      {.name = "adagrad",
       .description = "the sum of squared gradients divides the step",
       .paper = "Duchi et al. 2011",
       .make = &make<Adagrad>,
       .reads = {"epsilon", "initial_accumulator"},
       .epsilon = 1e-10},
      {.name = "adadelta",
       .description = "steps in the units of the weights, without a rate of their own: learning_rate 1 is the paper's",
       .paper = "Zeiler 2012",
       .make = &make<Adadelta>,
       .reads = {"epsilon", "rho"},
       .epsilon = 1e-6,
       .rho = 0.95},
      {.name = "rmsprop",
       .description = "the mean of squared gradients divides the step",
       .paper = "Hinton 2012, lecture 6e",
       .make = &make<Rmsprop>,
       .reads = {"epsilon", "rho"},
       .epsilon = 1e-8,
       .rho = 0.99},
  };
  return kinds;
}

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  for (const OptimizerKind& kind : optimizer_kinds()) names.push_back(kind.name);
  return names;
}

const OptimizerKind& find_optimizer(const std::string& name) {
  for (const OptimizerKind& kind : optimizer_kinds()) {
    if (kind.name == name) return kind;
  }
  throw UsageError("unknown optimizer '" + name + "'" + did_you_mean(name, optimizer_names()));
}

void check_effect(const OptimizerOptions& options) {
  const OptimizerKind& kind = find_optimizer(options.kind);
  const OptimizerOptions usual;
  const std::pair<const char*, bool> changed[] = {
      {"betas", options.betas != usual.betas},
      {"epsilon", options.epsilon != usual.epsilon},
      {"momentum", options.momentum != usual.momentum},
      {"rho", options.rho != usual.rho},
      {"initial_accumulator", options.initial_accumulator != usual.initial_accumulator},
  };
  for (const auto& [name, set] : changed) {
    if (!set || std::find(kind.reads.begin(), kind.reads.end(), name) != kind.reads.end()) continue;
    std::vector<std::string> readers;
    for (const OptimizerKind& other : optimizer_kinds()) {
      if (std::find(other.reads.begin(), other.reads.end(), name) != other.reads.end()) readers.push_back(other.name);
    }
    const std::string key = fmt::format("training.optimizer.{}", name);
    throw UsageError(fmt::format("{} has no effect with the optimizer '{}': {} {} it", key, options.kind,
                                 fmt::join(readers, ", "), readers.size() == 1 ? "reads" : "read"),
                     {.key = key});
  }
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const ParameterList& parameters) {
  return find_optimizer(options.kind).make(options, parameters);
}

}  // namespace heed
