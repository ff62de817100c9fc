#include "heed/kernels/layer_norm.h"

#include <algorithm>

#include "targets.h"
#include "values.h"

namespace heed {
namespace {

class LayerNormKernel : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, LayerNormKernel, testing::ValuesIn(kernel_targets()), target_name);

// One row, in double.
std::vector<double> reference(const std::vector<double>& x, const Values& gain, const Values& bias) {
  double mean = 0;
  for (const double value : x) mean += value / static_cast<double>(x.size());
  double variance = 0;
  for (const double value : x) variance += (value - mean) * (value - mean) / static_cast<double>(x.size());
  std::vector<double> y;
  for (std::size_t j = 0; j < x.size(); ++j) {
    y.push_back(static_cast<double>(gain[j]) * (x[j] - mean) /
                    std::sqrt(variance + static_cast<double>(kLayerNormEpsilon)) +
                static_cast<double>(bias[j]));
  }
  return y;
}

TEST_P(LayerNormKernel, ForwardAndBackwardEqualTheFormula) {
  constexpr int kRows = 2;
  constexpr double kChange = 1e-5;
  for (const int columns : {2, 3, 15, 16, 17, 33}) {
    const Values x = random_values(kRows * columns, 1, 3.0);
    const Values gain = random_values(columns, 2);
    const Values bias = random_values(columns, 3);
    Values normalized = x;
    Values y(x.size());
    Values scale(kRows);
    layer_norm_forward(
        {matrix(normalized, kRows, columns), gain.data(), bias.data(), scale.data(), matrix(y, kRows, columns)});
    Values dy = random_values(kRows * columns, 4);
    const Values start = random_values(kRows * columns, 5);
    Values dx = start;
    const Values before = normalized;
    layer_norm_backward({matrix(normalized, kRows, columns), gain.data(), scale.data(), matrix(dy, kRows, columns),
                         matrix(dx, kRows, columns)});
    for (int r = 0; r < kRows; ++r) {
      const std::vector<double> row(x.begin() + r * columns, x.begin() + (r + 1) * columns);
      const std::vector<double> expected = reference(row, gain, bias);
      for (int j = 0; j < columns; ++j) {
        const int at = r * columns + j;
        expect_close(y[at], expected[j], 5e-6, "y", j);
        expect_close(normalized[at], static_cast<double>(before[at]) * static_cast<double>(dy[at]), 1e-6, "gain", j);
        const auto objective = [&](double change) {
          std::vector<double> changed = row;
          changed[j] += change;
          const std::vector<double> out = reference(changed, gain, bias);
          double sum = 0;
          for (int k = 0; k < columns; ++k) sum += out[k] * static_cast<double>(dy[r * columns + k]);
          return sum;
        };
        const double difference = (objective(kChange) - objective(-kChange)) / (2 * kChange);
        expect_close(dx[at], static_cast<double>(start[at]) + difference, 2e-5, "dx", j);
      }
    }
  }
}

TEST_P(LayerNormKernel, EqualValuesAreZeroAndTheBiasMayBeMissing) {
  Values x(5, 3.0F);
  Values y(5);
  float scale = 0;
  const Values gain(5, 2.0F);
  layer_norm_forward({matrix(x, 1, 5), gain.data(), nullptr, &scale, matrix(y, 1, 5)});
  for (const float value : y) EXPECT_EQ(value, 0.0F);
}

}  // namespace
}  // namespace heed
