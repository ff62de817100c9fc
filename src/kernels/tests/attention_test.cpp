#include "heed/kernels/attention.h"

#include <algorithm>
#include <functional>

#include "ramp.h"
#include "targets.h"
#include "values.h"

namespace heed {
namespace {

class AttentionKernel : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, AttentionKernel, testing::ValuesIn(kernel_targets()), target_name);

// Four sentences, one of a single position; six rows that look at them in no order, sentence 2 by nobody.
struct Case {
  std::vector<int> lengths = {6, 1, 4, 17};
  std::vector<int> offsets = {0, 6, 7, 11};
  std::vector<int> sentence = {3, 0, 0, 3, 1, 0};
  int positions = 28;
  int longest = 17;
  int rows = 6;
  int columns;
  Values query, keys, v, weights;

  explicit Case(int width)
      : columns(width),
        query(random_values(rows * width, 1)),
        keys(random_values(positions * width, 2)),
        v(random_values(width, 3)),
        weights(random_values(rows * longest, 4)) {
    // As operations make them: 0 beyond the length.
    for (int r = 0; r < rows; ++r)
      std::fill(weights.begin() + r * longest + length(r), weights.begin() + (r + 1) * longest, 0.0F);
  }
  /// From now on each row looks at a part of its sentence; `weights` are 0 outside.
  void look_through_windows() {
    windows = {{2, 13}, {0, 1}, {3, 6}, {16, 17}, {0, 1}, {1, 6}};
    for (int r = 0; r < rows; ++r) {
      for (int s = 0; s < longest; ++s) {
        if (s < windows[r].first || s >= windows[r].last) weights[r * longest + s] = 0;
      }
    }
  }
  std::vector<PositionWindow> windows = {};
  int length(int r) const { return lengths[sentence[r]]; }
  int position(int r, int s) const { return offsets[sentence[r]] + s; }
  Pairing pairing() const { return {{offsets, lengths, longest}, sentence, windows}; }
  Tensor of_rows(Values& values) const {
    return {values.data(), rows, static_cast<std::int64_t>(values.size()) / rows};
  }
  Tensor of_positions(Values& values) const { return matrix(values, positions, columns); }
  double q(int r, int c) const { return static_cast<double>(query[r * columns + c]); }
  double k(int r, int s, int c) const { return static_cast<double>(keys[position(r, s) * columns + c]); }
  double w(int r, int s) const { return static_cast<double>(weights[r * longest + s]); }
  void each(const std::function<void(int r, int s)>& visit) const {
    for (int r = 0; r < rows; ++r) {
      for (int s = 0; s < length(r); ++s) visit(r, s);
    }
  }
};

TEST_P(AttentionKernel, DotScores) {
  for (const int width : kLengths) {
    Case c(width);
    Values scores = c.weights;
    add_dot_scores(c.pairing(), c.of_rows(c.query), c.of_positions(c.keys), c.of_rows(scores));
    c.each([&](int r, int s) {
      double expected = c.w(r, s);
      for (int i = 0; i < width; ++i) expected += c.q(r, i) * c.k(r, s, i);
      expect_close(scores[r * c.longest + s], expected, 5e-6, "score", s);
    });
    for (int r = 0; r < c.rows; ++r) {
      for (int s = c.length(r); s < c.longest; ++s) EXPECT_EQ(scores[r * c.longest + s], 0.0F);
    }
  }
}

TEST_P(AttentionKernel, WeightedRows) {
  for (const int width : kLengths) {
    Case c(width);
    Values out = c.query;
    add_weighted_rows(c.pairing(), c.of_rows(c.weights), c.of_positions(c.keys), c.of_rows(out));
    for (int r = 0; r < c.rows; ++r) {
      for (int i = 0; i < width; ++i) {
        double expected = c.q(r, i);
        for (int s = 0; s < c.length(r); ++s) expected += c.w(r, s) * c.k(r, s, i);
        expect_close(out[r * width + i], expected, 5e-6, "column", i);
      }
    }
  }
}

TEST_P(AttentionKernel, OuterProducts) {
  for (const int width : kLengths) {
    Case c(width);
    Values d_values = c.keys;
    std::vector<double> expected(c.keys.begin(), c.keys.end());
    c.each([&](int r, int s) {
      for (int i = 0; i < width; ++i) expected[c.position(r, s) * width + i] += c.w(r, s) * c.q(r, i);
    });
    add_outer_products(c.pairing(), c.of_rows(c.weights), c.of_rows(c.query), c.of_positions(d_values));
    for (std::size_t i = 0; i < expected.size(); ++i) expect_close(d_values[i], expected[i], 5e-6, "element", i);
    // Sentence 2 has no row: untouched to the bit.
    for (int i = 7 * width; i < 11 * width; ++i) EXPECT_EQ(d_values[i], c.keys[i]);
  }
}

// A window gives what the whole sentence gives with weights of 0 outside; scores are computed inside alone.
TEST_P(AttentionKernel, Windows) {
  for (const int width : kLengths) {
    Case c(width);
    c.look_through_windows();
    Case whole = c;
    whole.windows.clear();
    Values scores(c.weights.size());
    Values all_scores(c.weights.size());
    add_dot_scores(c.pairing(), c.of_rows(c.query), c.of_positions(c.keys), c.of_rows(scores));
    add_dot_scores(whole.pairing(), c.of_rows(c.query), c.of_positions(c.keys), c.of_rows(all_scores));
    Values sums = c.query;
    Values all_sums = c.query;
    add_weighted_rows(c.pairing(), c.of_rows(c.weights), c.of_positions(c.keys), c.of_rows(sums));
    add_weighted_rows(whole.pairing(), c.of_rows(c.weights), c.of_positions(c.keys), c.of_rows(all_sums));
    Values products = c.keys;
    Values all_products = c.keys;
    add_outer_products(c.pairing(), c.of_rows(c.weights), c.of_rows(c.query), c.of_positions(products));
    add_outer_products(whole.pairing(), c.of_rows(c.weights), c.of_rows(c.query), c.of_positions(all_products));
    c.each([&](int r, int s) {
      const bool inside = s >= c.windows[r].first && s < c.windows[r].last;
      EXPECT_EQ(scores[r * c.longest + s], inside ? all_scores[r * c.longest + s] : 0.0F);
    });
    for (std::size_t i = 0; i < sums.size(); ++i) {
      expect_close(sums[i], static_cast<double>(all_sums[i]), 5e-6, "sum", i);
    }
    for (std::size_t i = 0; i < products.size(); ++i) {
      expect_close(products[i], static_cast<double>(all_products[i]), 5e-6, "product", i);
    }
  }
}

double additive_score(const Case& c, int r, int s, int changed = -1, double change = 0) {
  double sum = 0;
  for (int i = 0; i < c.columns; ++i) {
    sum += static_cast<double>(c.v[i]) * std::tanh(c.q(r, i) + c.k(r, s, i) + (i == changed ? change : 0));
  }
  return sum;
}

TEST_P(AttentionKernel, AdditiveScores) {
  for (const int width : kLengths) {
    Case c(width);
    Values scores(c.weights.size());
    additive_scores(c.pairing(), c.of_rows(c.query), c.of_positions(c.keys), c.v.data(), c.of_rows(scores));
    c.each([&](int r, int s) { expect_close(scores[r * c.longest + s], additive_score(c, r, s), 5e-6, "score", s); });
  }
}

TEST_P(AttentionKernel, AdditiveGradients) {
  constexpr double kChange = 1e-5;
  for (const int width : kLengths) {
    Case c(width);
    Values d_query = random_values(c.rows * width, 5);
    Values d_keys = random_values(c.positions * width, 6);
    Values d_v = random_values(width, 7);
    std::vector<double> query(d_query.begin(), d_query.end());
    std::vector<double> keys(d_keys.begin(), d_keys.end());
    std::vector<double> v(d_v.begin(), d_v.end());
    c.each([&](int r, int s) {
      for (int i = 0; i < width; ++i) {
        const double slope =
            (additive_score(c, r, s, i, kChange) - additive_score(c, r, s, i, -kChange)) / (2 * kChange);
        query[r * width + i] += c.w(r, s) * slope;
        keys[c.position(r, s) * width + i] += c.w(r, s) * slope;
        v[i] += c.w(r, s) * std::tanh(c.q(r, i) + c.k(r, s, i));
      }
    });
    additive_backward(c.pairing(), c.of_rows(c.query), c.of_positions(c.keys), c.v.data(),
                      {c.of_rows(c.weights), c.of_rows(d_query), c.of_positions(d_keys), d_v.data()});
    for (std::size_t i = 0; i < query.size(); ++i) expect_close(d_query[i], query[i], 1e-5, "query", i);
    for (std::size_t i = 0; i < keys.size(); ++i) expect_close(d_keys[i], keys[i], 1e-5, "keys", i);
    for (std::size_t i = 0; i < v.size(); ++i) expect_close(d_v[i], v[i], 1e-5, "v", i);
  }
}

TEST_P(AttentionKernel, SoftmaxRowsSumToOneAndEndAtTheSentence) {
  const Ramp ramp;
  for (const double scale : {0.1, 5.0, 1e4}) {
    Values scores = random_values(40 * 40, 8, scale);
    Values weights(scores.size(), NAN);
    softmax_forward(ramp.pairing(), matrix(scores, 40, 40), matrix(weights, 40, 40));
    for (int r = 0; r < 40; ++r) {
      const float* in = scores.data() + r * 40;
      const auto largest = static_cast<double>(*std::max_element(in, in + r + 1));
      double total = 0;
      for (int s = 0; s <= r; ++s) total += std::exp(static_cast<double>(in[s]) - largest);
      double sum = 0;
      for (int s = 0; s < 40; ++s) {
        const float weight = weights[r * 40 + s];
        if (s > r) {
          EXPECT_EQ(weight, 0.0F);
        } else {
          EXPECT_NEAR(static_cast<double>(weight), std::exp(static_cast<double>(in[s]) - largest) / total, 1e-6);
        }
        sum += static_cast<double>(weight);
      }
      EXPECT_NEAR(sum, 1.0, 2e-6);
    }
  }
}

TEST_P(AttentionKernel, SoftmaxOfExtremes) {
  Values scores = kExtremes;
  const int n = static_cast<int>(scores.size());
  Values weights(scores.size());
  const std::vector<int> offsets = {0};
  const std::vector<int> lengths = {n};
  softmax_forward({{offsets, lengths, n}, offsets}, matrix(scores, 1, n), matrix(weights, 1, n));
  for (int i = 0; i < n; ++i) EXPECT_EQ(weights[i], i == 2 ? 1.0F : 0.0F) << kExtremes[i];
}

TEST_P(AttentionKernel, SoftmaxGradient) {
  const Ramp ramp;
  Values scores = random_values(40 * 40, 9);
  Values weights(scores.size());
  softmax_forward(ramp.pairing(), matrix(scores, 40, 40), matrix(weights, 40, 40));
  Values d_weights = random_values(40 * 40, 10);
  const Values start = random_values(40 * 40, 11);
  Values d_scores = start;
  softmax_backward(ramp.pairing(), matrix(weights, 40, 40), matrix(d_weights, 40, 40), matrix(d_scores, 40, 40));
  for (int r = 0; r < 40; ++r) {
    for (int s = 0; s < 40; ++s) {
      auto expected = static_cast<double>(start[r * 40 + s]);
      // The Jacobian of softmax, row by row: dw_i / ds_j = w_i (delta_ij - w_j).
      for (int i = 0; i <= r && s <= r; ++i) {
        const auto w = static_cast<double>(weights[r * 40 + i]);
        expected += static_cast<double>(d_weights[r * 40 + i]) * w *
                    ((i == s ? 1.0 : 0.0) - static_cast<double>(weights[r * 40 + s]));
      }
      expect_close(d_scores[r * 40 + s], expected, 1e-6, "score", s);
    }
  }
}

}  // namespace
}  // namespace heed
