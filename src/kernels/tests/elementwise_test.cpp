#include "heed/kernels/elementwise.h"

#include <limits>

#include "targets.h"
#include "values.h"

namespace heed {
namespace {

constexpr double kClose = 1e-6;

class Elementwise : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, Elementwise, testing::ValuesIn(kernel_targets()), target_name);

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

TEST_P(Elementwise, TanhIsAccurateOddAndExactAtZero) {
  Values x;
  for (double magnitude = 1e-7; magnitude < 30; magnitude *= 1.003) {
    x.push_back(static_cast<float>(magnitude));
    x.push_back(static_cast<float>(-magnitude));
  }
  Values y(x.size());
  tanh_forward(x.data(), y.data(), static_cast<std::int64_t>(x.size()));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = std::tanh(static_cast<double>(x[i]));
    ASSERT_LT(std::abs(static_cast<double>(y[i]) - expected), 1e-6 * std::abs(expected)) << x[i];
    ASSERT_LE(std::abs(y[i]), 1.0F);
    if (i % 2 == 1) {
      ASSERT_EQ(y[i], -y[i - 1]);
    }
  }
  const Values zeros = {0.0F, -0.0F, 1e-40F};
  Values out(3);
  tanh_forward(zeros.data(), out.data(), 3);
  EXPECT_EQ(out, zeros);
}

TEST_P(Elementwise, TanhAndSigmoidKeepNotANumber) {
  if (GetParam() == VectorCode::kPlain) return;  // Highway's scalar Max drops it
  const Values x(17, std::numeric_limits<float>::quiet_NaN());
  Values y(17);
  tanh_forward(x.data(), y.data(), 17);
  for (const float value : y) EXPECT_TRUE(std::isnan(value));
  sigmoid_forward(x.data(), y.data(), 17);
  for (const float value : y) EXPECT_TRUE(std::isnan(value));
}

TEST_P(Elementwise, ForwardOfEveryLength) {
  for (const int n : kLengths) {
    const Values x = random_values(n, 1, 3);
    Values tanh_out(x.size());
    Values in_place = x;
    tanh_forward(x.data(), tanh_out.data(), n);
    sigmoid_forward(in_place.data(), in_place.data(), n);
    for (int i = 0; i < n; ++i) {
      expect_close(tanh_out[i], std::tanh(static_cast<double>(x[i])), kClose, "tanh", i);
      expect_close(in_place[i], sigmoid_of(static_cast<double>(x[i])), kClose, "sigmoid", i);
    }
  }
}

TEST_P(Elementwise, ExtremesStayFinite) {
  const auto n = static_cast<std::int64_t>(kExtremes.size());
  Values t(kExtremes.size());
  Values s(kExtremes.size());
  tanh_forward(kExtremes.data(), t.data(), n);
  sigmoid_forward(kExtremes.data(), s.data(), n);
  for (std::size_t i = 0; i < kExtremes.size(); ++i) {
    expect_close(t[i], std::tanh(static_cast<double>(kExtremes[i])), kClose, "tanh", kExtremes[i] > 0);
    expect_close(s[i], sigmoid_of(static_cast<double>(kExtremes[i])), kClose, "sigmoid", kExtremes[i] > 0);
    EXPECT_GE(s[i], 0.0F);
    EXPECT_LE(s[i], 1.0F);
  }
}

TEST_P(Elementwise, BackwardAddsTheSlope) {
  for (const int n : kLengths) {
    const Values x = random_values(n, 2);
    const Values dy = random_values(n, 3);
    const Values before = random_values(n, 4);
    Values y(x.size());
    Values dx = before;
    tanh_forward(x.data(), y.data(), n);
    tanh_backward(y.data(), dy.data(), dx.data(), n);
    for (int i = 0; i < n; ++i) {
      const double t = std::tanh(static_cast<double>(x[i]));
      expect_close(dx[i], static_cast<double>(before[i]) + static_cast<double>(dy[i]) * (1 - t * t), kClose, "tanh", i);
    }
    Values in_place = dy;
    in_place.push_back(99);
    tanh_backward(y.data(), in_place.data(), n);
    for (int i = 0; i < n; ++i) {
      const double t = std::tanh(static_cast<double>(x[i]));
      expect_close(in_place[i], static_cast<double>(dy[i]) * (1 - t * t), kClose, "tanh in place", i);
    }
    EXPECT_EQ(in_place.back(), 99) << "written beyond the end";
    dx = before;
    sigmoid_forward(x.data(), y.data(), n);
    sigmoid_backward(y.data(), dy.data(), dx.data(), n);
    for (int i = 0; i < n; ++i) {
      const double s = sigmoid_of(static_cast<double>(x[i]));
      expect_close(dx[i], static_cast<double>(before[i]) + static_cast<double>(dy[i]) * s * (1 - s), kClose, "sigmoid",
                   i);
    }
  }
}

TEST_P(Elementwise, SumsAndProducts) {
  for (const int n : kLengths) {
    const Values a = random_values(n, 5);
    const Values b = random_values(n, 6);
    Values scaled = b;
    Values added = b;
    Values product(a.size());
    add_scaled(a.data(), -0.75F, scaled.data(), n);
    add_product(a.data(), a.data(), added.data(), n);
    multiply(a.data(), b.data(), product.data(), n);
    double squares = 0;
    for (int i = 0; i < n; ++i) {
      const auto x = static_cast<double>(a[i]);
      const auto y = static_cast<double>(b[i]);
      expect_close(scaled[i], y - 0.75 * x, kClose, "add_scaled", i);
      expect_close(added[i], y + x * x, kClose, "add_product", i);
      expect_close(product[i], x * y, kClose, "multiply", i);
      squares += x * x;
    }
    EXPECT_NEAR(sum_of_squares(a.data(), n), squares, 1e-6 * squares);
  }
}

TEST_P(Elementwise, SumOfSquaresOverManyBlocks) {
  const int n = 3 * 4096 + 5;
  const Values x(n, 0.1F);
  EXPECT_NEAR(sum_of_squares(x.data(), n), n * static_cast<double>(0.1F) * static_cast<double>(0.1F), 1e-2);
  EXPECT_EQ(sum_of_squares(x.data(), 0), 0.0);
}

TEST_P(Elementwise, BiasAndColumnSums) {
  for (const int n : kLengths) {
    const Values bias = random_values(n, 7);
    const Values start = random_values(4 * n, 8);
    Values y = start;
    add_bias(bias.data(), matrix(y, 4, n));
    Values sums = bias;
    Values copy = start;
    add_column_sums(matrix(copy, 4, n), sums.data());
    for (int c = 0; c < n; ++c) {
      auto total = static_cast<double>(bias[c]);
      for (int r = 0; r < 4; ++r) {
        expect_close(y[r * n + c], static_cast<double>(start[r * n + c]) + static_cast<double>(bias[c]), kClose, "bias",
                     c);
        total += static_cast<double>(start[r * n + c]);
      }
      expect_close(sums[c], total, kClose, "sum", c);
    }
  }
}

TEST(DropoutMask, KeepsItsShareAndItsScale) {
  for (const double rate : {0.1, 0.2, 0.5, 0.9}) {
    Rng rng(3);
    Values mask(40001);
    dropout_mask(rate, rng, mask.data(), 40001);
    double dropped = 0;
    double total = 0;
    for (const float value : mask) {
      dropped += value == 0.0F ? 1 : 0;
      total += static_cast<double>(value);
      if (value != 0.0F) {
        ASSERT_NEAR(static_cast<double>(value), 1 / (1 - rate), 1e-3);
      }
    }
    EXPECT_NEAR(dropped / 40001, rate, 0.01);
    EXPECT_NEAR(total / 40001, 1.0, 0.05);
  }
}

TEST(DropoutMask, IsDecidedByTheRandomNumbersAlone) {
  Values first(101);
  Values second(101);
  Rng a(5);
  Rng b(5);
  dropout_mask(0.3, a, first.data(), 101);
  dropout_mask(0.3, b, second.data(), 101);
  EXPECT_EQ(first, second);
  dropout_mask(0.3, b, second.data(), 101);
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace heed
