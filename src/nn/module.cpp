#include "heed/nn/module.h"

#include <cmath>
#include <utility>

namespace heed {

Parameter make_weight(std::string name, std::int64_t in, std::int64_t out, Rng& rng, int gates) {
  Parameter parameter{std::move(name), Role::kWeight, Buffer(in, out), -1, {}, {}};
  const std::int64_t gate = out / gates;
  const double limit = std::sqrt(6.0 / static_cast<double>(in + gate));
  const Tensor& value = parameter.value.view();
  for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] = static_cast<float>((2 * rng.uniform() - 1) * limit);
  return parameter;
}

Parameter make_hoisted_weight(std::string name, std::int64_t in, std::int64_t out, Rng& rng, int gates) {
  Parameter parameter = make_weight(std::move(name), in, out, rng, gates);
  parameter.role = Role::kHoistedWeight;
  return parameter;
}

Parameter make_vector(std::string name, std::int64_t size) {
  return {std::move(name), Role::kVector, Buffer(1, size), -1, {}, {}};
}

Parameter make_embedding(std::string name, std::int64_t rows, std::int64_t columns, Rng& rng) {
  constexpr double kDeviation = 1.0;
  Parameter parameter{std::move(name), Role::kEmbedding, Buffer(rows, columns), -1, {}, {}};
  const Tensor& value = parameter.value.view();
  for (std::int64_t i = 0; i < value.size(); ++i) value.data[i] = static_cast<float>(rng.normal() * kDeviation);
  return parameter;
}

}  // namespace heed
