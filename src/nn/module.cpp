#include "heed/nn/module.h"

#include <cmath>
#include <utility>

#include "heed/autograd/checks.h"

namespace heed {
namespace {

Parameter make(std::string name, ParameterRole role, std::int64_t rows, std::int64_t columns) {
  Parameter out;
  out.name = std::move(name);
  out.role = role;
  out.value = Buffer::of_shape(rows, columns);
  return out;
}

}  // namespace

WeightSizes weight_sizes(Module& module) {
  WeightSizes out;
  module.visit([&](const Parameter& parameter) {
    if (parameter.role == ParameterRole::kWeight) out.stepped += static_cast<double>(parameter.size());
    if (parameter.role == ParameterRole::kHoistedWeight) out.hoisted += static_cast<double>(parameter.size());
  });
  return out;
}

void initialize(Module& module, Rng& rng) {
  module.visit([&](Parameter& parameter) {
    parameter.value = Buffer(parameter.rows(), parameter.columns());
    if (parameter.initializer) parameter.initializer(parameter.value.view(), rng);
  });
}

Parameter make_weight(std::string name, std::int64_t in, std::int64_t out, int gates) {
  Parameter parameter = make(std::move(name), ParameterRole::kWeight, in, out);
  ArgumentCheck("make_weight").that(gates > 0 && out % gates == 0, "the columns are not gates of equal width");
  const std::int64_t of_a_gate = out / gates;
  const double limit = std::sqrt(6.0 / static_cast<double>(in + of_a_gate));
  parameter.initializer = [limit](const Tensor& value, Rng& rng) {
    for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] = static_cast<float>((2 * rng.uniform() - 1) * limit);
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
  parameter.initializer = [deviation](const Tensor& value, Rng& rng) {
    for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] = static_cast<float>(deviation * rng.normal());
  };
  return parameter;
}

}  // namespace heed
