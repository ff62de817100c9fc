#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "heed/autograd/gradient_store.h"
#include "heed/autograd/operations.h"
#include "heed/tensor/worker_pool.h"

namespace heed {

/// Normal values.
inline void randomize(const Tensor& values, std::uint64_t seed, double scale = 1) {
  Rng rng = Rng::stream(seed, 0x6AD);
  for (std::int64_t i = 0; i < values.size(); ++i) values.data[i] = static_cast<float>(rng.normal() * scale);
}

/// Compares the gradients of a function, made of operations, with differences of its values: for every element of its
/// inputs and of every parameter, by (8 (f(+e) - f(-e)) - (f(+2e) - f(-2e))) / 12e.
class GradientCheck {
 public:
  struct Outputs {
    std::vector<Variable> variables;  ///< the scalar is the sum of their elements times random numbers
    double loss = 0;                  ///< and this
  };
  using Function = std::function<Outputs(Tape& tape, std::span<const Variable> inputs)>;

  explicit GradientCheck(std::uint64_t seed = 1) : seed_(seed) {}

  /// A further input of the function, with random values; its place is the order of the calls.
  void input(std::int64_t rows, std::int64_t columns) {
    inputs_.emplace_back(rows, columns);
    randomize(inputs_.back().view(), ++seed_);
  }
  Parameter& parameter(const std::string& name, std::int64_t rows, std::int64_t columns,
                       ParameterRole role = ParameterRole::kWeight) {
    owned_.push_back(Parameter{name, role, Buffer(rows, columns), -1, {}, {}});
    randomize(owned_.back().value.view(), ++seed_, 0.5);
    parameters_.push_back(&owned_.back());
    return owned_.back();
  }
  /// A parameter of somebody else's.
  void use(Parameter& parameter) { parameters_.push_back(&parameter); }

  double tolerance = 2e-3;        ///< of the largest gradient of an array
  bool same_without_tape = true;  ///< whether the values without recording are the same to the bit (not with dropout)
  bool kinks = false;  ///< whether the function may have kinks and jumps: what differs near one is left out, which may
                       ///< be a tenth of all, but not a whole array
  bool all_used = true;  ///< whether every array must have a gradient that is not 0

  void run(const Function& function) {
    list_ = std::make_unique<ParameterList>([this](const ParameterVisitor& visitor) {
      for (Parameter* parameter : parameters_) visitor(*parameter);
    });
    store_ = std::make_unique<GradientStore>(*list_);
    function_ = function;
    std::vector<std::vector<float>> gradients = backward();
    for (const Parameter* parameter : parameters_) {
      const Tensor gradient = store_->of(*parameter);
      gradients.emplace_back(gradient.data, gradient.data + gradient.size());
    }
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      compare(inputs_[i].view(), gradients[i], "input " + std::to_string(i));
    }
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      compare(parameters_[i]->value.view(), gradients[inputs_.size() + i], parameters_[i]->name);
    }
    EXPECT_LE(left_out_, elements_ / 10) << "too many kinks";
    if (same_without_tape) {
      EXPECT_EQ(value(false), value(true));
    }
  }

 private:
  std::vector<Variable> leaves(Tape& tape) {
    std::vector<Variable> out;
    for (const Buffer& buffer : inputs_) {
      const Tensor& x = buffer.view();
      // A copy: operations may overwrite what they are given.
      out.push_back(tape.variable(x.rows, x.columns));
      std::copy_n(x.data, x.size(), out.back().value().data);
    }
    return out;
  }

  std::vector<float> factors(std::size_t output, const Tensor& like) const {
    std::vector<float> out(static_cast<std::size_t>(like.size()));
    randomize({out.data(), like.rows, like.columns}, 1000 + output);
    return out;
  }

  double scalar(const Outputs& outputs) const {
    double sum = outputs.loss;
    for (std::size_t k = 0; k < outputs.variables.size(); ++k) {
      const Tensor& value = outputs.variables[k].value();
      const std::vector<float> factor = factors(k, value);
      for (std::size_t i = 0; i < factor.size(); ++i) {
        sum += static_cast<double>(factor[i]) * static_cast<double>(value.data[i]);
      }
    }
    return sum;
  }

  double value(bool recording) {
    list_->pack(Precision::kFloat32, true);
    arena_.reset();
    Tape tape(arena_, recording);
    return scalar(function_(tape, leaves(tape)));
  }

  std::vector<std::vector<float>> backward() {
    list_->pack(Precision::kFloat32, true);
    arena_.reset();
    Tape tape(arena_, true);
    const std::vector<Variable> inputs = leaves(tape);
    const Outputs outputs = function_(tape, inputs);
    for (std::size_t k = 0; k < outputs.variables.size(); ++k) {
      const std::vector<float> factor = factors(k, outputs.variables[k].value());
      const Tensor gradient = outputs.variables[k].gradient();
      for (std::size_t i = 0; i < factor.size(); ++i) gradient.data[i] += factor[i];
    }
    tape.backward();
    store_->collect(tape);
    std::vector<std::vector<float>> out;
    for (const Variable& input : inputs) {
      const Tensor gradient = input.gradient();
      out.emplace_back(gradient.data, gradient.data + gradient.size());
    }
    return out;
  }

  void compare(const Tensor& values, const std::vector<float>& gradient, const std::string& name) {
    std::vector<Differences> expected_values;
    double largest = 0;
    for (std::int64_t i = 0; i < values.size(); ++i) {
      expected_values.push_back(differences(values.data[i]));
      largest = std::max(largest, kinks ? median(expected_values.back()) : std::abs(expected_values.back().smooth));
    }
    double worst = 0;
    std::string where;
    std::int64_t left_out = 0;
    for (std::int64_t i = 0; i < values.size(); ++i) {
      const Differences& at = expected_values[static_cast<std::size_t>(i)];
      const double expected = at.smooth;
      const auto actual = static_cast<double>(gradient[static_cast<std::size_t>(i)]);
      const double allowed = tolerance * std::max(largest, 0.05);
      if (kinks && std::abs(actual - expected) > allowed && at.disagreement() > allowed) {
        ++left_out;
        continue;
      }
      if (!(std::abs(actual - expected) > worst) && !std::isnan(actual)) continue;
      worst = std::abs(actual - expected);
      where =
          "element " + std::to_string(i) + " has " + std::to_string(actual) + ", expected " + std::to_string(expected);
    }
    EXPECT_LE(worst, tolerance * std::max(largest, 0.05)) << name << ": " << where;
    EXPECT_LT(left_out, values.size()) << name << " has kinks everywhere";
    left_out_ += left_out;
    elements_ += values.size();
    if (all_used) {
      EXPECT_GT(largest, 1e-4) << name << " has no influence";
    }
  }

  struct Differences {
    double smooth;                        // from both sides, fourth order
    double near, far, forward, backward;  // second order
    /// About 0 where the function is smooth in the whole range.
    double disagreement() const { return std::max(std::abs(near - far), std::abs(forward - backward)); }
  };
  static double median(const Differences& at) {
    std::array<double, 3> all = {std::abs(at.near), std::abs(at.forward), std::abs(at.backward)};
    std::sort(all.begin(), all.end());
    return all[1];
  }

  Differences differences(float& element) {
    const float step = kinks ? 0.015625F : 0.03125F;  // exact in binary
    const float before = element;
    const auto at = [&](float change) {
      element = before + change;
      return value(true);
    };
    const std::array<double, 5> f = {at(-2 * step), at(-step), at(0), at(step), at(2 * step)};
    element = before;
    const auto h = static_cast<double>(step);
    return {(8 * (f[3] - f[1]) - (f[4] - f[0])) / (12 * h), (f[3] - f[1]) / (2 * h), (f[4] - f[0]) / (4 * h),
            (4 * f[3] - f[4] - 3 * f[2]) / (2 * h), (3 * f[2] + f[0] - 4 * f[1]) / (2 * h)};
  }

  std::uint64_t seed_;
  std::int64_t left_out_ = 0;
  std::int64_t elements_ = 0;
  std::vector<Buffer> inputs_;
  std::deque<Parameter> owned_;
  std::vector<Parameter*> parameters_;
  std::unique_ptr<ParameterList> list_;
  std::unique_ptr<GradientStore> store_;
  Function function_;
  Arena arena_;
};

}  // namespace heed
