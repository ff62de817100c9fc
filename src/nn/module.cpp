#include "heed/nn/module.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "heed/autograd/checks.h"
#include "heed/base/error.h"
#include "heed/kernels/elementwise.h"
#include "heed/nn/initializers.h"

namespace heed {
namespace {

Parameter make(std::string name, ParameterRole role, std::int64_t rows, std::int64_t columns) {
  Parameter out;
  out.name = std::move(name);
  out.role = role;
  out.value = Buffer::of_shape(rows, columns);
  return out;
}

void fill_uniform(const Tensor& value, Rng& rng, double limit) {
  for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] = static_cast<float>((2 * rng.uniform() - 1) * limit);
}

void fill_normal(const Tensor& value, Rng& rng, double deviation) {
  for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] = static_cast<float>(deviation * rng.normal());
}

const std::vector<WeightInitializer>& initializers() {
  static const std::vector<WeightInitializer> all = {
      {"xavier", [](const Tensor& value, Rng& rng, const InitialOptions&,
                    double widths) { fill_uniform(value, rng, std::sqrt(6 / widths)); }},
      {"xavier-normal", [](const Tensor& value, Rng& rng, const InitialOptions&,
                           double widths) { fill_normal(value, rng, std::sqrt(2 / widths)); }},
      {"uniform",
       [](const Tensor& value, Rng& rng, const InitialOptions& options, double) {
         fill_uniform(value, rng, options.scale);
       },
       true},
      {"normal",
       [](const Tensor& value, Rng& rng, const InitialOptions& options, double) {
         fill_normal(value, rng, options.scale);
       },
       true},
  };
  return all;
}

float dot(const float* x, const float* y, std::int64_t count) {
  std::array<float, 16> sums = {};  // side by side, so that they are one vector
  std::int64_t i = 0;
  for (; i + std::ssize(sums) <= count; i += std::ssize(sums)) {
    for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += x[i + lane] * y[i + lane];
  }
  for (; i < count; ++i) sums[0] += x[i] * y[i];
  return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

/// Takes from a row what lies along the rows before it, and makes it of length 1.
void make_orthonormal(const Tensor& rows, std::int64_t r) {
  float* const own = rows.row(r);
  const std::int64_t width = rows.columns;
  for (int pass = 0; pass < 2; ++pass) {  // the second removes what the first one's rounding left
    for (std::int64_t before = 0; before < r; ++before) {
      add_scaled(rows.row(before), -dot(rows.row(before), own, width), own, width);
    }
  }
  const auto scale = static_cast<float>(1 / std::sqrt(sum_of_squares(own, width)));
  for (std::int64_t i = 0; i < width; ++i) own[i] *= scale;
}

/// Square parts [H, H] of the columns, each a random orthogonal matrix (Gram and Schmidt, of normal numbers).
void fill_orthogonal(const Tensor& value, Rng& rng) {
  const Buffer made(value.rows, value.rows);
  for (std::int64_t first = 0; first < value.columns; first += value.rows) {
    fill_normal(made.view(), rng, 1);
    for (std::int64_t r = 0; r < value.rows; ++r) {
      make_orthonormal(made.view(), r);
      std::copy_n(made.view().row(r), value.rows, value.row(r) + first);
    }
  }
}

}  // namespace

const WeightInitializer& find_initializer(const std::string& name) {
  const auto found = std::find_if(initializers().begin(), initializers().end(),
                                  [&](const WeightInitializer& one) { return one.name == name; });
  if (found == initializers().end()) throw UsageError(fmt::format("unknown initial weights '{}'", name));
  return *found;
}

std::vector<std::string> initializer_names() {
  std::vector<std::string> names;
  for (const WeightInitializer& one : initializers()) names.push_back(one.name);
  return names;
}

WeightSizes weight_sizes(Module& module) {
  WeightSizes out;
  module.visit([&](const Parameter& parameter) {
    if (parameter.role == ParameterRole::kWeight) out.stepped += static_cast<double>(parameter.size());
    if (parameter.role == ParameterRole::kHoistedWeight) out.hoisted += static_cast<double>(parameter.size());
  });
  return out;
}

void initialize(Module& module, Rng& rng, const InitialOptions& options) {
  module.visit([&](Parameter& parameter) {
    parameter.value = Buffer(parameter.rows(), parameter.columns());
    if (parameter.initializer) parameter.initializer(parameter.value.view(), rng, options);
  });
}

Parameter make_weight(std::string name, std::int64_t in, std::int64_t out, int gates) {
  Parameter parameter = make(std::move(name), ParameterRole::kWeight, in, out);
  ArgumentCheck("make_weight").that(gates > 0 && out % gates == 0, "the columns are not gates of equal width");
  const std::int64_t of_a_gate = out / gates;
  parameter.initializer = [widths = static_cast<double>(in + of_a_gate)](const Tensor& value, Rng& rng,
                                                                         const InitialOptions& options) {
    find_initializer(options.weights).fill(value, rng, options, widths);
  };
  return parameter;
}

Parameter make_recurrent_weight(std::string name, std::int64_t hidden, int gates) {
  Parameter parameter = make_weight(std::move(name), hidden, gates * hidden, gates);
  parameter.initializer = [usual = parameter.initializer](const Tensor& value, Rng& rng,
                                                          const InitialOptions& options) {
    options.recurrent == "orthogonal" ? fill_orthogonal(value, rng) : usual(value, rng, options);
  };
  return parameter;
}

Parameter make_hoisted_weight(std::string name, std::int64_t in, std::int64_t out, int gates) {
  Parameter parameter = make_weight(std::move(name), in, out, gates);
  parameter.role = ParameterRole::kHoistedWeight;
  return parameter;
}

Parameter make_vector(std::string name, std::int64_t size) {
  return make(std::move(name), ParameterRole::kVector, 1, size);
}

Parameter make_embedding(std::string name, std::int64_t rows, std::int64_t columns, double deviation) {
  Parameter parameter = make(std::move(name), ParameterRole::kEmbedding, rows, columns);
  parameter.initializer = [deviation](const Tensor& value, Rng& rng, const InitialOptions& options) {
    fill_normal(value, rng, options.embedding > 0 ? options.embedding : deviation);
  };
  return parameter;
}

}  // namespace heed
