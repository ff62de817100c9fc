#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "heed/autograd/gradient_store.h"
#include "heed/autograd/tape.h"
#include "heed/kernels/elementwise.h"
#include "heed/model/safetensors.h"
#include "heed/tensor/worker_pool.h"

namespace heed {

inline const SafetensorsReader& golden() {
  static const SafetensorsReader file(HEED_SOURCE_DIR "/tests/golden/operations.safetensors");
  return file;
}

/// One case: its arrays become leaves and parameters, outputs get the file's upstream gradients, and everything is
/// compared.
class GoldenCase {
 public:
  static constexpr double kTolerance = 1e-4;  ///< of the largest value

  explicit GoldenCase(std::string name) : prefix_("case/" + std::move(name) + "/") {}

  std::vector<std::int64_t> shape(const std::string& input) const {
    return golden().arrays().at(key("input", input)).shape;
  }
  std::vector<int> integers(const std::string& input) const {
    const auto values = golden().integers(key("input", input));
    return {values.begin(), values.end()};
  }
  /// An input in any order of its rows: row i of the leaf is row rows[i] of the file's array.
  Variable leaf(const std::string& input, std::vector<int> rows = {}) {
    const std::vector<float> values = golden().floats(key("input", input));
    const std::int64_t columns = shape(input).back();
    if (rows.empty()) rows = all_rows(static_cast<std::int64_t>(values.size()) / columns);
    const Variable out = tape().variable(static_cast<std::int64_t>(rows.size()), columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(values.data() + rows[i] * columns, columns, out.value().row(static_cast<std::int64_t>(i)));
    }
    leaves_.push_back({input, out, rows});
    return out;
  }
  void parameter(const std::string& input, Parameter& parameter, ParameterRole role) {
    const auto dimensions = shape(input);
    const std::int64_t rows = dimensions.size() == 1 ? 1 : dimensions[0];
    parameter = {input, role, Buffer(rows, dimensions.back()), -1, {}, {}};
    golden().read(key("input", input), parameter.value.view());
    parameters_.push_back(&parameter);
  }
  /// After all parameters, before the first leaf.
  Tape& tape() {
    if (tape_ == nullptr) {
      list_ = std::make_unique<ParameterList>([this](const ParameterVisitor& visitor) {
        for (Parameter* parameter : parameters_) visitor(*parameter);
      });
      list_->pack(Precision::kFloat32, true);
      store_ = std::make_unique<GradientStore>(*list_);
      tape_ = std::make_unique<Tape>(arena_, true);
    }
    return *tape_;
  }

  /// Compares the rows of an output and hands in its upstream gradient, if it has one. Row i of `value` is rows[i] of
  /// the file's.
  void output(const std::string& name, const Variable& value, std::vector<int> rows = {}) {
    if (rows.empty()) rows = all_rows(value.rows());
    compare(name, value.value(), golden().floats(key("output", name)), rows);
    if (!golden().has(key("upstream", name))) return;
    const std::vector<float> upstream = golden().floats(key("upstream", name));
    const Tensor gradient = value.gradient();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      add_scaled(upstream.data() + rows[i] * value.columns(), 1.0F, gradient.row(static_cast<std::int64_t>(i)),
                 value.columns());
    }
  }
  void loss(const std::string& name, double value) const {
    const auto expected = static_cast<double>(golden().floats(key("output", name))[0]);
    EXPECT_NEAR(value, expected, kTolerance * std::abs(expected));
  }
  float upstream(const std::string& name) const { return golden().floats(key("upstream", name))[0]; }

  void backward() {
    tape().backward();
    store_->collect(tape());
    for (const Leaf& leaf : leaves_) {
      compare(leaf.name, leaf.variable.gradient(), golden().floats(key("gradient", leaf.name)), leaf.rows);
    }
    for (const Parameter* parameter : parameters_) {
      const Tensor gradient = store_->of(*parameter);
      compare(parameter->name, gradient, golden().floats(key("gradient", parameter->name)), all_rows(gradient.rows));
    }
  }
  void compare(const std::string& name, const Tensor& actual, const std::vector<float>& expected,
               const std::vector<int>& rows) const {
    double largest = 1e-6;
    double difference = 0;
    for (const float value : expected) largest = std::max(largest, std::abs(static_cast<double>(value)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::int64_t c = 0; c < actual.columns; ++c) {
        const auto right = static_cast<double>(expected.at(rows[i] * actual.columns + c));
        difference =
            std::max(difference, std::abs(static_cast<double>(actual.row(static_cast<std::int64_t>(i))[c]) - right));
      }
    }
    EXPECT_LE(difference / largest, kTolerance) << prefix_ << name;
  }
  static std::vector<int> all_rows(std::int64_t count) {
    std::vector<int> out(static_cast<std::size_t>(count));
    for (int i = 0; i < static_cast<int>(count); ++i) out[i] = i;
    return out;
  }
  std::string key(const std::string& kind, const std::string& name) const { return prefix_ + kind + "/" + name; }

 private:
  struct Leaf {
    std::string name;
    Variable variable;
    std::vector<int> rows;
  };
  std::string prefix_;
  std::vector<Leaf> leaves_;
  std::vector<Parameter*> parameters_;
  std::unique_ptr<ParameterList> list_;
  std::unique_ptr<GradientStore> store_;
  Arena arena_;
  std::unique_ptr<Tape> tape_;
};

}  // namespace heed
