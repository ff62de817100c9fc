#include "heed/kernels/sparse_normalizers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "ramp.h"
#include "values.h"

namespace heed {
namespace {

// The papers' own algorithms in double: sort, and take the largest support that holds. The first sums the scores
// (Martins and Astudillo 2016, algorithm 1), the second solves a quadratic equation (Peters et al. 2019, algorithm 2).
double sparsemax_threshold(const std::vector<double>& sorted) {
  double sum = 0;
  double tau = 0;
  for (std::size_t k = 1; k <= sorted.size(); ++k) {
    sum += sorted[k - 1];
    if (1 + static_cast<double>(k) * sorted[k - 1] > sum) tau = (sum - 1) / static_cast<double>(k);
  }
  return tau;
}
double entmax15_threshold(const std::vector<double>& sorted) {
  double sum = 0;
  double squares = 0;
  double tau = 0;
  for (std::size_t k = 1; k <= sorted.size(); ++k) {
    const auto count = static_cast<double>(k);
    sum += sorted[k - 1];
    squares += sorted[k - 1] * sorted[k - 1];
    const double mean = sum / count;
    const double under = (1 - (squares - sum * sum / count)) / count;
    if (under < 0) break;
    const double candidate = mean - std::sqrt(under);
    if (candidate <= sorted[k - 1]) tau = candidate;
  }
  return tau;
}

std::vector<double> expected_weights(bool entmax, const float* scores, int count) {
  std::vector<double> z(scores, scores + count);
  if (entmax) {
    for (double& value : z) value /= 2;
  }
  std::vector<double> sorted;
  std::copy_if(z.begin(), z.end(), std::back_inserter(sorted), [](double value) { return std::isfinite(value); });
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const double tau = entmax ? entmax15_threshold(sorted) : sparsemax_threshold(sorted);
  for (double& value : z) value = entmax ? std::pow(std::max(value - tau, 0.0), 2) : std::max(value - tau, 0.0);
  return z;
}

class SparseNormalizer : public testing::TestWithParam<bool> {
 protected:
  void forward(const Pairing& pairing, const Tensor& scores, const Tensor& weights) const {
    (GetParam() ? entmax15_forward : sparsemax_forward)(pairing, scores, weights);
  }
};
INSTANTIATE_TEST_SUITE_P(Both, SparseNormalizer, testing::Bool(),
                         [](const auto& test) { return test.param ? "entmax15" : "sparsemax"; });

TEST_P(SparseNormalizer, EqualsTheSortedAlgorithmAndEndsAtTheSentence) {
  const Ramp ramp;
  int zeros = 0;
  for (const double scale : {0.0, 0.01, 1.0, 30.0}) {
    Values scores = random_values(40 * 40, 8, scale);
    Values weights(scores.size(), NAN);
    forward(ramp.pairing(), matrix(scores, 40, 40), matrix(weights, 40, 40));
    for (int r = 0; r < 40; ++r) {
      const auto expected = expected_weights(GetParam(), scores.data() + r * 40, r + 1);
      double sum = 0;
      for (int s = 0; s < 40; ++s) {
        const float weight = weights[r * 40 + s];
        if (s > r) {
          EXPECT_EQ(weight, 0.0F);
        } else {
          EXPECT_NEAR(static_cast<double>(weight), expected[s], 2e-6);
          zeros += weight == 0 ? 1 : 0;
        }
        sum += static_cast<double>(weight);
      }
      EXPECT_NEAR(sum, 1.0, 5e-6);
    }
  }
  EXPECT_GT(zeros, 500);
}

TEST_P(SparseNormalizer, OfInfinityIsExactlyZero) {
  Values scores = {-kInfinity, 3, -kInfinity, 2.5, 2.9F, -kInfinity, 3, -kInfinity, 2, 1, -3e38F};
  const int n = static_cast<int>(scores.size());
  Values weights(scores.size());
  const std::vector<int> offsets = {0};
  const std::vector<int> lengths = {n};
  forward({{offsets, lengths, n}, offsets}, matrix(scores, 1, n), matrix(weights, 1, n));
  const auto expected = expected_weights(GetParam(), scores.data(), n);
  for (int i = 0; i < n; ++i) {
    EXPECT_NEAR(static_cast<double>(weights[i]), expected[i], 1e-6);
    if (scores[i] < 0) {
      EXPECT_EQ(weights[i], 0.0F);
    }
  }
}

TEST_P(SparseNormalizer, WindowsAreSentencesOfTheirOwn) {
  const Ramp ramp;
  std::vector<PositionWindow> windows;
  for (int r = 0; r < 40; ++r) windows.push_back({r / 3, r / 3 + 1 + r / 2});
  Pairing pairing = ramp.pairing();
  pairing.windows = windows;
  Values scores = random_values(40 * 40, 8, 2);
  Values weights(scores.size(), NAN);
  forward(pairing, matrix(scores, 40, 40), matrix(weights, 40, 40));
  for (int r = 0; r < 40; ++r) {
    const auto [first, last] = windows[r];
    const auto expected = expected_weights(GetParam(), scores.data() + r * 40 + first, last - first);
    for (int s = 0; s < 40; ++s) {
      const float weight = weights[r * 40 + s];
      if (s < first || s >= last) {
        EXPECT_EQ(weight, 0.0F);
      } else {
        EXPECT_NEAR(static_cast<double>(weight), expected[s - first], 2e-6);
      }
    }
  }
}

// Against differences of the algorithm in double; elements at a kink of sparsemax do not occur with this seed.
TEST_P(SparseNormalizer, Gradient) {
  constexpr int kCount = 23;
  Values scores = random_values(kCount, 5);
  Values weights(kCount);
  const std::vector<int> offsets = {0};
  const std::vector<int> lengths = {kCount};
  const Pairing pairing{{offsets, lengths, kCount}, offsets};
  forward(pairing, matrix(scores, 1, kCount), matrix(weights, 1, kCount));
  Values d_weights = random_values(kCount, 10);
  const Values start = random_values(kCount, 11);
  Values d_scores = start;
  (GetParam() ? entmax15_backward : sparsemax_backward)(pairing, matrix(weights, 1, kCount),
                                                        matrix(d_weights, 1, kCount), matrix(d_scores, 1, kCount));
  const auto objective = [&](int i, float change) {
    Values moved = scores;
    moved[i] += change;
    const auto p = expected_weights(GetParam(), moved.data(), kCount);
    double sum = 0;
    for (int s = 0; s < kCount; ++s) sum += p[s] * static_cast<double>(d_weights[s]);
    return sum;
  };
  int positive = 0;
  for (int i = 0; i < kCount; ++i) {
    constexpr float kStep = 0.0009765625F;
    const double slope = (objective(i, kStep) - objective(i, -kStep)) / (2 * static_cast<double>(kStep));
    EXPECT_NEAR(static_cast<double>(d_scores[i]), static_cast<double>(start[i]) + slope, 2e-3) << i;
    positive += weights[i] > 0 ? 1 : 0;
  }
  EXPECT_GT(positive, 1);
  EXPECT_LT(positive, kCount);
}

}  // namespace
}  // namespace heed
