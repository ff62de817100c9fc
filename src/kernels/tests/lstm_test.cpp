#include "heed/kernels/lstm.h"

#include <algorithm>

#include "targets.h"
#include "values.h"

namespace heed {
namespace {

class LstmKernel : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, LstmKernel, testing::ValuesIn(kernel_targets()), target_name);

struct Unit {
  double hidden;
  double cell;
};

// One unit of the cell, in double: sums of the gates i, f, g, o and the cell before.
Unit lstm_unit(const double (&sums)[4], double previous) {
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const double cell = sigmoid(sums[1]) * previous + sigmoid(sums[0]) * std::tanh(sums[2]);
  return {sigmoid(sums[3]) * std::tanh(cell), cell};
}

// A step of `rows` rows, the first `before` of which have a previous cell.
struct Step {
  int rows, before, hidden;
  Values sums, bias, previous, gates, cell, out;

  Step(int n, int m, int h, double scale)
      : rows(n),
        before(m),
        hidden(h),
        sums(random_values(n * 4 * h, 1, scale)),
        bias(random_values(4 * h, 2, scale)),
        previous(random_values(m * h, 3)),
        gates(sums),
        cell(static_cast<std::size_t>(n * h)),
        out(cell) {}

  Tensor previous_cell() { return before > 0 ? matrix(previous, before, hidden) : Tensor{}; }
  void forward() {
    lstm_forward({matrix(gates, rows, 4 * hidden), bias.data(), previous_cell(), matrix(cell, rows, hidden),
                  matrix(out, rows, hidden)});
  }
  // Unit j of row r, with `change` added to the sum of gate `gate` (4: to the previous cell).
  Unit reference(int r, int j, int gate = 0, double change = 0) const {
    double x[4];
    for (int k = 0; k < 4; ++k) {
      x[k] = static_cast<double>(sums[(r * 4 + k) * hidden + j]) + static_cast<double>(bias[k * hidden + j]);
    }
    double c = r < before ? static_cast<double>(previous[r * hidden + j]) : 0.0;
    (gate == 4 ? c : x[gate]) += change;
    return lstm_unit(x, c);
  }
};

TEST_P(LstmKernel, ForwardWithRowsThatStartFromZero) {
  for (const int hidden : kLengths) {
    for (int before = 0; before <= 3; ++before) {
      Step step(3, before, hidden, 1.0);
      step.forward();
      for (int r = 0; r < 3; ++r) {
        for (int j = 0; j < hidden; ++j) {
          const Unit expected = step.reference(r, j);
          expect_close(step.cell[r * hidden + j], expected.cell, 2e-6, "cell", j);
          expect_close(step.out[r * hidden + j], expected.hidden, 2e-6, "hidden", j);
        }
      }
    }
  }
}

TEST_P(LstmKernel, BackwardEqualsDifferencesOfTheFormula) {
  constexpr double kChange = 1e-5;
  for (const int hidden : kLengths) {
    for (int before = 0; before <= 3; ++before) {
      Step step(3, before, hidden, 1.0);
      step.forward();
      Values d_hidden = random_values(3 * hidden, 4);
      Values d_cell = random_values(3 * hidden, 5);
      const Values start = random_values(before * hidden, 6);
      Values d_previous = start;
      lstm_backward({matrix(step.gates, 3, 4 * hidden), matrix(step.cell, 3, hidden), step.previous_cell(),
                     matrix(d_hidden, 3, hidden), matrix(d_cell, 3, hidden),
                     before > 0 ? matrix(d_previous, before, hidden) : Tensor{}});
      const auto difference = [&](int r, int j, int gate) {
        const Unit up = step.reference(r, j, gate, kChange);
        const Unit down = step.reference(r, j, gate, -kChange);
        return (static_cast<double>(d_hidden[r * hidden + j]) * (up.hidden - down.hidden) +
                static_cast<double>(d_cell[r * hidden + j]) * (up.cell - down.cell)) /
               (2 * kChange);
      };
      for (int r = 0; r < 3; ++r) {
        for (int j = 0; j < hidden; ++j) {
          for (int k = 0; k < 4; ++k) {
            expect_close(step.gates[(r * 4 + k) * hidden + j], difference(r, j, k), 3e-6, "gate", k);
          }
          if (r >= before) continue;
          const std::size_t at = static_cast<std::size_t>(r * hidden + j);
          expect_close(d_previous[at], static_cast<double>(start[at]) + difference(r, j, 4), 3e-6, "previous", j);
        }
      }
    }
  }
}

TEST_P(LstmKernel, ExtremesStayFinite) {
  const int hidden = static_cast<int>(kExtremes.size());
  Step step(2, 1, hidden, 1.0);
  for (int k = 0; k < 8; ++k)
    std::rotate_copy(kExtremes.begin(), kExtremes.begin() + k, kExtremes.end(), step.gates.begin() + k * hidden);
  std::copy(kExtremes.begin(), kExtremes.end(), step.previous.begin());
  step.sums = step.gates;
  step.forward();
  for (int r = 0; r < 2; ++r) {
    for (int j = 0; j < hidden; ++j) {
      expect_close(step.cell[r * hidden + j], step.reference(r, j).cell, 1e-5, "cell", j);
      expect_close(step.out[r * hidden + j], step.reference(r, j).hidden, 1e-5, "hidden", j);
    }
  }
  Values ones(static_cast<std::size_t>(2 * hidden), 1.0F);
  Values d_previous(static_cast<std::size_t>(hidden));
  lstm_backward({matrix(step.gates, 2, 4 * hidden), matrix(step.cell, 2, hidden), step.previous_cell(),
                 matrix(ones, 2, hidden), matrix(ones, 2, hidden), matrix(d_previous, 1, hidden)});
  for (const float value : step.gates) EXPECT_TRUE(std::isfinite(value));
  for (const float value : d_previous) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace heed
