#include "heed/kernels/softmax.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "targets.h"
#include "values.h"

namespace heed {
namespace {

class SoftmaxKernel : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, SoftmaxKernel, testing::ValuesIn(kernel_targets()), target_name);

double log_sum_of(const float* row, int n) {
  const auto largest = static_cast<double>(*std::max_element(row, row + n));
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += std::exp(static_cast<double>(row[i]) - largest);
  return largest + std::log(sum);
}

double mean_of(const float* row, int n) {
  return std::accumulate(row, row + n, 0.0, [](double sum, float x) { return sum + static_cast<double>(x); }) / n;
}

TEST_P(SoftmaxKernel, LogSumExp) {
  for (const int n : kLengths) {
    for (const double scale : {0.1, 3.0, 1e4}) {
      Values logits = random_values(5 * n, 1, scale);
      Values out(5);
      log_sum_exp(matrix(logits, 5, n), nullptr, out);
      for (int r = 0; r < 5; ++r) expect_close(out[r], log_sum_of(logits.data() + r * n, n), 1e-6, "row", r);
    }
  }
}

TEST_P(SoftmaxKernel, LogitsInPartsHaveTheSumsAndTheLargestOfTheirRows) {
  constexpr int kRows = 5;
  for (const int n : {1, 255, 256, 1234}) {
    const auto groups = static_cast<int>((n + kTopKGroup - 1) / kTopKGroup);
    for (const double scale : {0.1, 3.0, 1e4}) {
      const Values before = random_values(kRows * n, 1, scale);
      const Values bias = random_values(n, 2, scale);
      Values whole;
      for (const int size : {n, 256, 512}) {
        Values logits = before;
        Values largest(kRows * groups);
        std::vector<RunningSum> sums(kRows);
        for (int first = 0; first < n; first += size) {
          add_logits({matrix(logits, kRows, n), bias.data(), first, std::min(size, n - first)}, sums,
                     matrix(largest, kRows, groups));
        }
        for (int r = 0; r < kRows; ++r) {
          const float* row = logits.data() + r * n;
          for (int i = 0; i < n; ++i) ASSERT_EQ(row[i], before[r * n + i] + bias[i]);
          expect_close(sums[r].log_sum(), log_sum_of(row, n), 1e-6, "row", r);
          if (size == n) whole.push_back(sums[r].log_sum());
          EXPECT_EQ(sums[r].log_sum(), whole[r]);
          for (int g = 0; g < groups; ++g) {
            const auto end = std::min<std::int64_t>(n, (g + 1) * kTopKGroup);
            EXPECT_EQ(largest[r * groups + g], *std::max_element(row + g * kTopKGroup, row + end));
          }
        }
      }
    }
  }
}

TEST_P(SoftmaxKernel, LogitsInPartsWithoutProbabilityOrNumber) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  for (const float one : {1.0F, NAN}) {
    if (std::isnan(one) && GetParam() == VectorCode::kPlain) continue;  // Highway's scalar Max drops it
    Values logits(300, kNever);
    logits[260] = one;
    logits[270] = 1.0F;
    Values largest(2);
    RunningSum sum;
    add_logits({matrix(logits, 1, 300), nullptr, 0, 300}, {&sum, 1}, matrix(largest, 1, 2));
    EXPECT_EQ(largest[0], kNever);
    EXPECT_THAT(double{sum.log_sum()},
                testing::NanSensitiveDoubleNear(std::isnan(one) ? NAN : 1.0 + std::log(2.0), 1e-6));
  }
}

TEST_P(SoftmaxKernel, LogSumExpOfRows) {
  for (const int n : kLengths) {
    for (const int rows : {1, 7}) {
      Values x = random_values(rows * n, 4, 30.0);
      Values offset = random_values(rows, 5, 100.0);
      Values out(n);
      log_sum_exp_of_rows(matrix(x, rows, n), offset, out);
      for (int c = 0; c < n; ++c) {
        Values terms;
        for (int r = 0; r < rows; ++r) terms.push_back(x[r * n + c] + offset[r]);
        expect_close(out[c], log_sum_of(terms.data(), rows), 1e-6, "column", c);
      }
      offset.back() = NAN;
      log_sum_exp_of_rows(matrix(x, rows, n), offset, out);
      for (const float value : out) EXPECT_TRUE(std::isnan(value));
    }
  }
}

CrossEntropy work_of(const std::vector<int>& labels, float smoothing, Values& log_probability) {
  CrossEntropy work;
  work.labels = labels;
  work.smoothing = smoothing;
  work.scale = 0.25F;
  work.log_probability = log_probability;
  work.loss = 10;  // is added to
  return work;
}

void check_cross_entropy(int n, double scale, float smoothing) {
  constexpr int kRows = 4;
  Values logits = random_values(kRows * n, 2, scale);
  const Values bias = random_values(n, 3);
  Values biased = logits;
  for (int i = 0; i < kRows * n; ++i) biased[i] += bias[i % n];
  const std::vector<int> labels = {0, n - 1, n / 2, (2 * n) / 3};
  Values log_probability(kRows);
  CrossEntropy inference = work_of(labels, smoothing, log_probability);
  inference.bias = bias.data();
  Values gradients = logits;
  softmax_cross_entropy(matrix(logits, kRows, n), inference);
  EXPECT_EQ(logits, biased);
  CrossEntropy work = work_of(labels, smoothing, log_probability);
  Values bias_gradient(static_cast<std::size_t>(n), 1.0F);
  work.bias = bias.data();
  work.bias_gradient = bias_gradient.data();
  softmax_cross_entropy(matrix(gradients, kRows, n), work);
  EXPECT_EQ(work.loss, inference.loss);
  const auto s = static_cast<double>(smoothing);
  double loss = 10;
  std::vector<double> sums(static_cast<std::size_t>(n), 1.0);
  for (int r = 0; r < kRows; ++r) {
    const float* row = biased.data() + r * n;
    const double log_sum = log_sum_of(row, n);
    const double log_p = static_cast<double>(row[labels[r]]) - log_sum;
    expect_close(log_probability[r], log_p, 2e-6, "log probability", r);
    loss += -(1 - s) * log_p + s * (log_sum - mean_of(row, n));
    for (int c = 0; c < n; ++c) {
      const double target = (c == labels[r] ? 1 - s : 0) + s / n;
      const double expected = 0.25 * (std::exp(static_cast<double>(row[c]) - log_sum) - target);
      EXPECT_NEAR(static_cast<double>(gradients[r * n + c]), expected, 1e-6) << n << " at " << r << ", " << c;
      sums[c] += expected;
    }
  }
  EXPECT_NEAR(work.loss, loss, 3e-6 * std::abs(loss) + 1e-8 * scale);
  for (int c = 0; c < n; ++c) expect_close(bias_gradient[c], sums[c], 3e-6, "bias", c);
}

TEST_P(SoftmaxKernel, CrossEntropyAndItsGradient) {
  for (const int n : kLengths) {
    for (const float smoothing : {0.0F, 0.1F}) {
      for (const double scale : {0.1, 3.0, 1e4}) check_cross_entropy(n, scale, smoothing);
    }
  }
}

TEST_P(SoftmaxKernel, GradientsOfRowsWithShares) {
  constexpr int kRows = 3;
  const std::vector<int> labels = {0, -1, 0};
  const Values at_label = {0.25F, 7.0F, 0.0F};
  const Values uniform = {0.0F, 0.5F, 0.125F};
  for (const int n : kLengths) {
    Values logits = random_values(kRows * n, 4, 3);
    const Values before = logits;
    Values log_sum(kRows);
    Values sums(kRows);
    log_sum_exp(matrix(logits, kRows, n), nullptr, log_sum);
    sum_rows(matrix(logits, kRows, n), sums);
    Values bias_gradient(static_cast<std::size_t>(n), 1.0F);
    softmax_gradient(matrix(logits, kRows, n), {labels, log_sum, at_label, uniform, bias_gradient.data()});
    std::vector<double> columns(static_cast<std::size_t>(n), 1.0);
    for (int r = 0; r < kRows; ++r) {
      const float* row = before.data() + r * n;
      EXPECT_NEAR(static_cast<double>(sums[r]), mean_of(row, n) * n, 1e-4 * n);
      const double share = labels[r] < 0 ? 0 : static_cast<double>(at_label[r]);
      for (int c = 0; c < n; ++c) {
        const double p = std::exp(static_cast<double>(row[c]) - log_sum_of(row, n));
        const double expected =
            share * (p - (c == labels[r] ? 1 : 0)) + static_cast<double>(uniform[r]) * (p - 1.0 / n);
        EXPECT_NEAR(static_cast<double>(logits[r * n + c]), expected, 1e-6) << n << " at " << r << ", " << c;
        columns[c] += expected;
      }
    }
    for (int c = 0; c < n; ++c) expect_close(bias_gradient[c], columns[c], 3e-6, "bias", c);
  }
}

TEST_P(SoftmaxKernel, ExtremesStayFinite) {
  Values logits = kExtremes;
  const auto n = static_cast<std::int64_t>(logits.size());
  Values log_probability(1);
  Values bias_gradient(logits.size());
  const std::vector<int> labels = {3};  // the least of them
  CrossEntropy work = work_of(labels, 0.1F, log_probability);
  work.bias_gradient = bias_gradient.data();
  softmax_cross_entropy(matrix(logits, 1, n), work);
  EXPECT_TRUE(std::isfinite(work.loss));
  EXPECT_NEAR(static_cast<double>(log_probability[0]), -2e4, 1);
  for (const float value : logits) EXPECT_TRUE(std::isfinite(value));
  EXPECT_EQ(bias_gradient, logits);
}

TEST_P(SoftmaxKernel, NotANumberShowsInTheLoss) {
  if (GetParam() == VectorCode::kPlain) return;  // Highway's scalar Max drops it
  for (const int n : kLengths) {
    for (int at = 0; at < n; ++at) {
      Values logits = random_values(n, 3);
      logits[at] = std::numeric_limits<float>::quiet_NaN();
      Values log_probability(1);
      const std::vector<int> labels = {0};
      CrossEntropy work = work_of(labels, 0, log_probability);
      softmax_cross_entropy(matrix(logits, 1, n), work);
      EXPECT_FALSE(std::isfinite(work.loss)) << at << " of " << n;
    }
  }
}

TEST(TopK, LargestFirstTiesByLowerIndex) {
  Rng rng(4);
  for (const int n : {1, 2, 5, 33, 200, 3000, 10000}) {
    Values row(static_cast<std::size_t>(n));
    for (float& value : row) value = static_cast<float>(rng.below(7)) - 3;  // many ties
    std::vector<int> expected(row.size());
    std::iota(expected.begin(), expected.end(), 0);
    std::stable_sort(expected.begin(), expected.end(), [&](int a, int b) { return row[a] > row[b]; });
    for (const int k : {1, 2, 5, 33}) {
      if (k > n) continue;
      std::vector<int> indices(static_cast<std::size_t>(k));
      Values values(static_cast<std::size_t>(k));
      top_k(row, {indices, values});
      EXPECT_EQ(indices, std::vector<int>(expected.begin(), expected.begin() + k)) << k << " of " << n;
      for (int i = 0; i < k; ++i) EXPECT_EQ(values[i], row[indices[i]]);
    }
  }
}

TEST(TopK, OfALongRowWhoseNumbersDiffer) {
  Rng rng(5);
  for (const int n : {1025, 4097, 10000}) {
    Values row(static_cast<std::size_t>(n));
    for (float& value : row) value = static_cast<float>(rng.uniform()) * 20 - 10;
    Values sorted = row;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    for (const int k : {1, 4, 5, 12, 64}) {
      std::vector<int> indices(static_cast<std::size_t>(k));
      Values values(static_cast<std::size_t>(k));
      top_k(row, {indices, values});
      Values largest;
      for (int first = 0; first < n; first += kTopKGroup) {
        largest.push_back(largest_of(std::span(row).subspan(first, std::min<int>(kTopKGroup, n - first))));
      }
      std::vector<int> of_groups(indices.size());
      top_k(row, largest, {of_groups, values});
      EXPECT_EQ(of_groups, indices);
      EXPECT_EQ(values, Values(sorted.begin(), sorted.begin() + k)) << k << " of " << n;
      for (int i = 0; i < k; ++i) EXPECT_EQ(values[i], row[indices[i]]);
    }
  }
}

TEST(TopK, OfALongRowWithFewThatAreNotForbidden) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  Values row(5000, kNever);
  row[4000] = 2.0F;
  row[30] = 1.0F;
  std::vector<int> indices(4);
  Values values(4);
  top_k(row, {indices, values});
  EXPECT_EQ(indices, (std::vector<int>{4000, 30, 0, 1}));
}

TEST(TopK, TakesForbiddenTokensLast) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  const Values row = {kNever, 1.0F, kNever, 2.0F};
  std::vector<int> indices(4);
  Values values(4);
  top_k(row, {indices, values});
  EXPECT_EQ(indices, (std::vector<int>{3, 1, 0, 2}));
}

}  // namespace
}  // namespace heed
