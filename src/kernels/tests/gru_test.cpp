#include "heed/kernels/gru.h"

#include <algorithm>

#include "targets.h"
#include "values.h"

namespace heed {
namespace {

class GruKernel : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, GruKernel, testing::ValuesIn(kernel_targets()), target_name);

// A step of 3 rows, the first `before` of which have a state before.
struct GruStep {
  int before, hidden;
  Values sums, bias, products, recurrent_bias, previous, gates, recurrent, out;

  GruStep(int m, int h)
      : before(m),
        hidden(h),
        sums(random_values(3 * 3 * h, 1)),
        bias(random_values(3 * h, 2)),
        products(random_values(3 * 3 * h, 3)),
        recurrent_bias(random_values(3 * h, 4)),
        previous(random_values(m * h, 5)),
        gates(sums),
        recurrent(products),
        out(static_cast<std::size_t>(3 * h)) {}

  Tensor previous_state() { return before > 0 ? matrix(previous, before, hidden) : Tensor{}; }
  void forward() {
    gru_forward({matrix(gates, 3, 3 * hidden), bias.data(), matrix(recurrent, 3, 3 * hidden), recurrent_bias.data(),
                 previous_state(), matrix(out, 3, hidden)});
  }
  // Unit j of row r in double, with `change` added to sum `k`: 0 to 2 gates, 3 to 5 recurrent products, 6 the state.
  double reference(int r, int j, int k = 0, double change = 0) const {
    const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
    double x[7];
    for (int g = 0; g < 3; ++g) {
      const std::size_t at = static_cast<std::size_t>((r * 3 + g) * hidden + j);
      const std::size_t of_bias = static_cast<std::size_t>(g * hidden + j);
      x[g] = static_cast<double>(sums[at]) + static_cast<double>(bias[of_bias]);
      x[3 + g] = static_cast<double>(products[at]) + static_cast<double>(recurrent_bias[of_bias]);
    }
    x[6] = r < before ? static_cast<double>(previous[static_cast<std::size_t>(r * hidden + j)]) : 0.0;
    x[k] += change;
    const double reset = sigmoid(x[0] + x[3]);
    const double update = sigmoid(x[1] + x[4]);
    return (1 - update) * std::tanh(x[2] + reset * x[5]) + update * x[6];
  }
};

TEST_P(GruKernel, ForwardWithRowsThatStartFromZero) {
  for (const int hidden : kLengths) {
    for (int before = 0; before <= 3; ++before) {
      GruStep step(before, hidden);
      step.forward();
      for (int r = 0; r < 3; ++r) {
        for (int j = 0; j < hidden; ++j) expect_close(step.out[r * hidden + j], step.reference(r, j), 2e-6, "h", j);
      }
    }
  }
}

TEST_P(GruKernel, BackwardEqualsDifferencesOfTheFormula) {
  constexpr double kChange = 1e-5;
  for (const int hidden : kLengths) {
    for (int before = 0; before <= 3; ++before) {
      GruStep step(before, hidden);
      step.forward();
      Values d_hidden = random_values(3 * hidden, 6);
      const Values start = random_values(before * hidden, 7);
      Values d_previous = start;
      gru_backward({matrix(step.gates, 3, 3 * hidden), matrix(step.recurrent, 3, 3 * hidden), step.previous_state(),
                    matrix(d_hidden, 3, hidden), before > 0 ? matrix(d_previous, before, hidden) : Tensor{}});
      for (int r = 0; r < 3; ++r) {
        for (int j = 0; j < hidden; ++j) {
          const auto difference = [&](int k) {
            return static_cast<double>(d_hidden[r * hidden + j]) *
                   (step.reference(r, j, k, kChange) - step.reference(r, j, k, -kChange)) / (2 * kChange);
          };
          for (int k = 0; k < 3; ++k) {
            expect_close(step.gates[(r * 3 + k) * hidden + j], difference(k), 3e-6, "gate", k);
            expect_close(step.recurrent[(r * 3 + k) * hidden + j], difference(3 + k), 3e-6, "recurrent", k);
          }
          if (r >= before) continue;
          const std::size_t at = static_cast<std::size_t>(r * hidden + j);
          expect_close(d_previous[at], static_cast<double>(start[at]) + difference(6), 3e-6, "previous", j);
        }
      }
    }
  }
}

}  // namespace
}  // namespace heed
