#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "heed/autograd/operations.h"

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

  explicit GradientCheck(std::uint64_t seed = 1) : seed_(seed) { use_one_thread(); }

  /// A further input of the function, with random values; its place is the order of the calls.
  void input(std::int64_t rows, std::int64_t columns) {
    inputs_.emplace_back(rows, columns);
    randomize(inputs_.back().view(), ++seed_);
  }
  Parameter& parameter(const std::string& name, std::int64_t rows, std::int64_t columns, Role role = Role::kWeight) {
    owned_.push_back(Parameter{name, role, Buffer(rows, columns), -1, {}, {}});
    randomize(owned_.back().value.view(), ++seed_, 0.5);
    parameters_.push_back(&owned_.back());
    return owned_.back();
  }
  /// A parameter of somebody else's.
  void use(Parameter& parameter) { parameters_.push_back(&parameter); }

  double tolerance = 2e-3;        ///< of the largest gradient of an array
  bool same_without_tape = true;  ///< whether the values without recording are the same to the bit (not with dropout)
  bool all_used = true;           ///< whether every array must have a gradient that is not 0

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
    store_->start_batch();
    Tape tape(arena_, recording ? store_.get() : nullptr);
    return scalar(function_(tape, leaves(tape)));
  }

  std::vector<std::vector<float>> backward() {
    list_->pack(Precision::kFloat32, true);
    arena_.reset();
    store_->start_batch();
    Tape tape(arena_, store_.get());
    const std::vector<Variable> inputs = leaves(tape);
    const Outputs outputs = function_(tape, inputs);
    for (std::size_t k = 0; k < outputs.variables.size(); ++k) {
      const std::vector<float> factor = factors(k, outputs.variables[k].value());
      const Tensor gradient = outputs.variables[k].gradient();
      for (std::size_t i = 0; i < factor.size(); ++i) gradient.data[i] += factor[i];
    }
    tape.backward();
    std::vector<std::vector<float>> out;
    for (const Variable& input : inputs) {
      const Tensor gradient = input.gradient();
      out.emplace_back(gradient.data, gradient.data + gradient.size());
    }
    return out;
  }

  void compare(const Tensor& values, const std::vector<float>& gradient, const std::string& name) {
    double largest = 0;
    double worst = 0;
    std::string where;
    for (std::int64_t i = 0; i < values.size(); ++i) {
      const double expected = difference(values.data[i]);
      const auto actual = static_cast<double>(gradient[static_cast<std::size_t>(i)]);
      largest = std::max(largest, std::abs(expected));
      if (!(std::abs(actual - expected) > worst) && !std::isnan(actual)) continue;
      worst = std::abs(actual - expected);
      where =
          "element " + std::to_string(i) + " has " + std::to_string(actual) + ", expected " + std::to_string(expected);
    }
    EXPECT_LE(worst, tolerance * std::max(largest, 0.05)) << name << ": " << where;
    if (all_used) {
      EXPECT_GT(largest, 1e-4) << name << " has no influence";
    }
  }

  double difference(float& element) {
    constexpr float kStep = 0.03125F;  // exact in binary
    const float before = element;
    const auto at = [&](float change) {
      element = before + change;
      return value(true);
    };
    const double near = at(kStep) - at(-kStep);
    const double far = at(2 * kStep) - at(-2 * kStep);
    element = before;
    return (8 * near - far) / (12 * static_cast<double>(kStep));
  }

  std::uint64_t seed_;
  std::vector<Buffer> inputs_;
  std::deque<Parameter> owned_;
  std::vector<Parameter*> parameters_;
  std::unique_ptr<ParameterList> list_;
  std::unique_ptr<GradientStore> store_;
  Function function_;
  Arena arena_;
};

}  // namespace heed
