#include "heed/kernels/sparse_normalizers.h"

#include <algorithm>
#include <cmath>

#include "heed/tensor/work_clock.h"

namespace heed {
namespace {

constexpr int kLanes = 8;  // sums side by side, which the compiler makes vectors of

/// Two sums over i in [0, count) of what term(i) gives.
struct Sums {
  float a = 0;
  float b = 0;
};
template <typename Term>
Sums sums_over(int count, Term term) {
  Sums lanes[kLanes];
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int k = 0; k < kLanes; ++k) {
      const Sums t = term(i + k);
      lanes[k].a += t.a;
      lanes[k].b += t.b;
    }
  }
  for (int k = 0; i < count; ++i, ++k) {
    const Sums t = term(i);
    lanes[k].a += t.a;
    lanes[k].b += t.b;
  }
  Sums out;
  for (const Sums& lane : lanes) {
    out.a += lane.a;
    out.b += lane.b;
  }
  return out;
}

/// With x = z - max z: sum of [x - tau]+ = 1, for x <= 0 with a 0 in it. The sum of those above the threshold says the
/// next one, which only grows, until none falls out (Michelot 1986): exact after few rounds. Begins at -1, where tau
/// lies if one position has all.
float sparsemax_threshold(const float* x, int count) {
  float tau = -1;
  for (float support = 0;;) {
    const Sums above = sums_over(count, [&](int i) { return x[i] > tau ? Sums{x[i], 1.0F} : Sums{}; });
    if (!(above.b > 0) || above.b == support) return tau;
    support = above.b;
    // Rounding must not send it back.
    tau = std::max(tau, (above.a - 1) / above.b);
  }
}

/// With x = (z - max z) / 2: sum of [x - tau]+ ^ 2 = 1. The sum is convex and falls, so that Newton's steps from below
/// never pass the root, and come to the last bit of a float in a few.
float entmax15_threshold(const float* x, int count) {
  constexpr int kMostSteps = 50;
  float tau = -1;
  for (int step = 0; step < kMostSteps; ++step) {
    const Sums sums = sums_over(count, [&](int i) {
      const float d = std::max(x[i] - tau, 0.0F);
      return Sums{d * d, d};
    });
    const float next = tau + (sums.a - 1) / (2 * sums.b);
    if (!(next > tau)) break;
    tau = next;
  }
  return tau;
}

/// Clears what lies outside each row's window, and calls row(r, first, count) for the window.
template <typename Row>
void each_row(const Pairing& pairing, const Tensor& weights, Row row) {
  for (std::int64_t r = 0; r < weights.rows; ++r) {
    const PositionWindow window = pairing.window(r);
    std::fill_n(weights.row(r), window.first, 0.0F);
    std::fill(weights.row(r) + window.last, weights.row(r) + weights.columns, 0.0F);
    row(r, window.first, window.last - window.first);
  }
}

struct Gradients {
  const Tensor& weights;
  const Tensor& scores;  ///< added to
};

/// dz = g (dp - mean), the mean of dp weighted by g, where g = slope(p): 0 where p is, so that what has no weight gets
/// no gradient. Adds to dz.
template <typename Slope>
void backward(const Pairing& pairing, const Tensor& weights, const Gradients& d, Slope slope) {
  const WorkScope scope(WorkKind::kVector);
  for (std::int64_t r = 0; r < weights.rows; ++r) {
    const PositionWindow window = pairing.window(r);
    const float* p = weights.row(r) + window.first;
    const float* dp = d.weights.row(r) + window.first;
    float* dz = d.scores.row(r) + window.first;
    const int count = window.last - window.first;
    const Sums sums = sums_over(count, [&](int i) { return Sums{slope(p[i]) * dp[i], slope(p[i])}; });
    const float mean = sums.a / sums.b;
    for (int i = 0; i < count; ++i) dz[i] += slope(p[i]) * (dp[i] - mean);
  }
}

}  // namespace

void sparsemax_forward(const Pairing& pairing, const Tensor& scores, const Tensor& weights) {
  const WorkScope scope(WorkKind::kVector);
  each_row(pairing, weights, [&](std::int64_t r, int first, int count) {
    const float* z = scores.row(r) + first;
    float* p = weights.row(r) + first;
    const float largest = *std::max_element(z, z + count);
    for (int i = 0; i < count; ++i) p[i] = z[i] - largest;
    const float tau = sparsemax_threshold(p, count);
    for (int i = 0; i < count; ++i) p[i] = p[i] < tau ? 0.0F : p[i] - tau;
  });
}

void sparsemax_backward(const Pairing& pairing, const Tensor& weights, const Tensor& d_weights,
                        const Tensor& d_scores) {
  backward(pairing, weights, {d_weights, d_scores}, [](float p) { return p > 0 ? 1.0F : 0.0F; });
}

void entmax15_forward(const Pairing& pairing, const Tensor& scores, const Tensor& weights) {
  const WorkScope scope(WorkKind::kVector);
  each_row(pairing, weights, [&](std::int64_t r, int first, int count) {
    const float* z = scores.row(r) + first;
    float* p = weights.row(r) + first;
    const float largest = *std::max_element(z, z + count);
    for (int i = 0; i < count; ++i) p[i] = (z[i] - largest) / 2;
    const float tau = entmax15_threshold(p, count);
    for (int i = 0; i < count; ++i) {
      const float d = p[i] < tau ? 0.0F : p[i] - tau;
      p[i] = d * d;
    }
  });
}

void entmax15_backward(const Pairing& pairing, const Tensor& weights, const Tensor& d_weights, const Tensor& d_scores) {
  backward(pairing, weights, {d_weights, d_scores}, [](float p) { return std::sqrt(p); });
}

}  // namespace heed
