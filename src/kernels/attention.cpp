#include "heed/kernels/attention.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "attention.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "heed/tensor/work_clock.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"
#include "vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

float Dot(const float* a, const float* b, std::int64_t count) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  Vec sum0 = hn::Zero(d);
  Vec sum1 = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    sum0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum0);
    sum1 = hn::MulAdd(hn::LoadU(d, a + i + lanes), hn::LoadU(d, b + i + lanes), sum1);
  }
  for (; i < count; i += lanes) sum0 = hn::MulAdd(load_n(d, a + i, count - i), load_n(d, b + i, count - i), sum0);
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
}

void AddDotScores(const Pairing& pairing, const Tensor& query, const Tensor& keys, const Tensor& scores) {
  for (std::int64_t r = 0; r < query.rows; ++r) {
    const PositionWindow window = pairing.window(r);
    const float* key = keys.row(pairing.source.offsets[pairing.sentence[r]] + window.first);
    float* out = scores.row(r);
    for (int s = window.first; s < window.last; ++s, key += keys.columns) {
      out[s] += Dot(query.row(r), key, keys.columns);
    }
  }
}

void AddWeightedRows(const Pairing& pairing, const Tensor& weights, const Tensor& values, const Tensor& out) {
  const Floats d;
  for (std::int64_t r = 0; r < out.rows; ++r) {
    const PositionWindow window = pairing.window(r);
    const float* value = values.row(pairing.source.offsets[pairing.sentence[r]] + window.first);
    const float* weight = weights.row(r);
    // Four rows at a time, so that the sum is loaded and stored a quarter as often.
    int s = window.first;
    for (; s + 4 <= window.last; s += 4, value += 4 * values.columns) {
      each_vector(values.columns, [&](std::int64_t i, std::int64_t n) {
        Vec sum = load_n(d, out.row(r) + i, n);
        for (int k = 0; k < 4; ++k) {
          sum = hn::MulAdd(hn::Set(d, weight[s + k]), load_n(d, value + k * values.columns + i, n), sum);
        }
        store_n(sum, d, out.row(r) + i, n);
      });
    }
    for (; s < window.last; ++s, value += values.columns) {
      const Vec factor = hn::Set(d, weight[s]);
      each_vector(values.columns, [&](std::int64_t i, std::int64_t n) {
        store_n(hn::MulAdd(factor, load_n(d, value + i, n), load_n(d, out.row(r) + i, n)), d, out.row(r) + i, n);
      });
    }
  }
}

// One sentence: d_values [length, columns] += weights^T [length, rows] vectors [rows, columns].
void OuterProductsOfSentence(const Tensor& weights, const Tensor& vectors, std::span<const int> rows, int length,
                             float* d_values) {
  const Floats d;
  const std::int64_t columns = vectors.columns;
  for (int s = 0; s < length; s += 4) {
    const int count = length - s < 4 ? length - s : 4;
    each_vector(columns, [&](std::int64_t i, std::int64_t n) {
      Vec sums[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
      for (const int r : rows) {
        const Vec vector = load_n(d, vectors.row(r) + i, n);
        const float* weight = weights.row(r) + s;
        for (int k = 0; k < count; ++k) sums[k] = hn::MulAdd(hn::Set(d, weight[k]), vector, sums[k]);
      }
      for (int k = 0; k < count; ++k) {
        float* out = d_values + (s + k) * columns + i;
        store_n(hn::Add(load_n(d, out, n), sums[k]), d, out, n);
      }
    });
  }
}

// Row by row: the few positions of a window, which moves from row to row.
void OuterProductsInWindows(const Pairing& pairing, const Tensor& weights, const Tensor& vectors,
                            const Tensor& d_values) {
  const Floats d;
  for (std::int64_t r = 0; r < vectors.rows; ++r) {
    const PositionWindow window = pairing.window(r);
    float* out = d_values.row(pairing.source.offsets[pairing.sentence[r]] + window.first);
    for (int s = window.first; s < window.last; ++s, out += d_values.columns) {
      const Vec weight = hn::Set(d, weights.row(r)[s]);
      each_vector(vectors.columns, [&](std::int64_t i, std::int64_t n) {
        store_n(hn::MulAdd(weight, load_n(d, vectors.row(r) + i, n), load_n(d, out + i, n)), d, out + i, n);
      });
    }
  }
}

void AdditiveScores(const Pairing& pairing, const Tensor& query, const Tensor& keys, const float* v,
                    const Tensor& scores) {
  const Floats d;
  for (std::int64_t r = 0; r < query.rows; ++r) {
    const PositionWindow window = pairing.window(r);
    const float* key = keys.row(pairing.source.offsets[pairing.sentence[r]] + window.first);
    float* out = scores.row(r);
    for (int s = window.first; s < window.last; ++s, key += keys.columns) {
      Vec sum = hn::Zero(d);
      each_vector(keys.columns, [&](std::int64_t i, std::int64_t n) {
        const Vec t = tanh_of(d, hn::Add(load_n(d, query.row(r) + i, n), load_n(d, key + i, n)));
        sum = hn::MulAdd(load_n(d, v + i, n), t, sum);
      });
      out[s] = hn::GetLane(hn::SumOfLanes(d, sum));
    }
  }
}

void AdditiveBackward(const Pairing& pairing, const Tensor& query, const Tensor& keys, const float* v,
                      const AdditiveGradients& gradients) {
  const Floats d;
  const std::int64_t columns = keys.columns;
  const Vec one = hn::Set(d, 1.0F);
  for (std::int64_t r = 0; r < query.rows; ++r) {
    const PositionWindow window = pairing.window(r);
    const std::int64_t first = pairing.source.offsets[pairing.sentence[r]];
    const float* d_score = gradients.scores.row(r);
    // Columns outside, positions inside: the sums of this column block stay in registers.
    each_vector(columns, [&](std::int64_t i, std::int64_t n) {
      const Vec q = load_n(d, query.row(r) + i, n);
      const Vec weight = load_n(d, v + i, n);
      Vec d_query = hn::Zero(d);
      Vec d_v = hn::Zero(d);
      for (int s = window.first; s < window.last; ++s) {
        const Vec t = tanh_of(d, hn::Add(q, load_n(d, keys.row(first + s) + i, n)));
        const Vec gradient = hn::Set(d, d_score[s]);
        d_v = hn::MulAdd(gradient, t, d_v);
        const Vec inner = hn::Mul(hn::Mul(gradient, weight), hn::NegMulAdd(t, t, one));
        d_query = hn::Add(d_query, inner);
        float* d_key = gradients.keys.row(first + s) + i;
        store_n(hn::Add(load_n(d, d_key, n), inner), d, d_key, n);
      }
      store_n(hn::Add(load_n(d, gradients.query.row(r) + i, n), d_query), d, gradients.query.row(r) + i, n);
      store_n(hn::Add(load_n(d, gradients.v + i, n), d_v), d, gradients.v + i, n);
    });
  }
}

void SoftmaxForward(const Pairing& pairing, const Tensor& scores, const Tensor& weights) {
  const Floats d;
  for (std::int64_t r = 0; r < scores.rows; ++r) {
    const PositionWindow window = pairing.window(r);
    const int length = window.last - window.first;
    std::fill_n(weights.row(r), window.first, 0.0F);
    std::fill(weights.row(r) + window.last, weights.row(r) + weights.columns, 0.0F);
    const float* in = scores.row(r) + window.first;
    float* out = weights.row(r) + window.first;
    float largest = in[0];
    for (int s = 1; s < length; ++s) largest = in[s] > largest ? in[s] : largest;
    float sum = 0;
    each_vector(length, [&](std::int64_t i, std::int64_t n) {
      store_n(hn::Exp(d, hn::Sub(load_n(d, in + i, n), hn::Set(d, largest))), d, out + i, n);
    });
    for (int s = 0; s < length; ++s) sum += out[s];
    const float scale = 1.0F / sum;
    for (int s = 0; s < length; ++s) out[s] *= scale;
  }
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <numeric>
#include <vector>

#include "dispatch.h"

namespace heed {

HEED_EXPORT(OuterProductsOfSentence);
HEED_EXPORT(OuterProductsInWindows);

HEED_TIMED_KERNEL(void add_dot_scores(const Pairing& pairing, const Tensor& query, const Tensor& keys,
                                      const Tensor& scores),
                  AddDotScores, pairing, query, keys, scores);

HEED_TIMED_KERNEL(void add_weighted_rows(const Pairing& pairing, const Tensor& weights, const Tensor& values,
                                         const Tensor& out),
                  AddWeightedRows, pairing, weights, values, out);

void add_outer_products(const Pairing& pairing, const Tensor& weights, const Tensor& vectors, const Tensor& d_values) {
  const WorkScope scope(WorkKind::kVector);
  if (!pairing.windows.empty()) {
    HEED_DISPATCH(OuterProductsInWindows)(pairing, weights, vectors, d_values);
    return;
  }
  // Rows by sentence, each in its order: a sentence's gradient is then one small product.
  thread_local std::vector<int> rows;
  rows.resize(static_cast<std::size_t>(vectors.rows));
  std::iota(rows.begin(), rows.end(), 0);
  std::sort(rows.begin(), rows.end(), [&](int a, int b) {
    return pairing.sentence[a] != pairing.sentence[b] ? pairing.sentence[a] < pairing.sentence[b] : a < b;
  });
  for (std::size_t first = 0; first < rows.size();) {
    const int sentence = pairing.sentence[rows[first]];
    std::size_t last = first;
    while (last < rows.size() && pairing.sentence[rows[last]] == sentence) ++last;
    HEED_DISPATCH(OuterProductsOfSentence)
    (weights, vectors, std::span(rows).subspan(first, last - first), pairing.source.lengths[sentence],
     d_values.row(pairing.source.offsets[sentence]));
    first = last;
  }
}

HEED_TIMED_KERNEL(void additive_scores(const Pairing& pairing, const Tensor& query, const Tensor& keys, const float* v,
                                       const Tensor& scores),
                  AdditiveScores, pairing, query, keys, v, scores);

HEED_TIMED_KERNEL(void additive_backward(const Pairing& pairing, const Tensor& query, const Tensor& keys,
                                         const float* v, const AdditiveGradients& gradients),
                  AdditiveBackward, pairing, query, keys, v, gradients);

HEED_TIMED_KERNEL(void softmax_forward(const Pairing& pairing, const Tensor& scores, const Tensor& weights),
                  SoftmaxForward, pairing, scores, weights);

void softmax_backward(const Pairing& pairing, const Tensor& weights, const Tensor& d_weights, const Tensor& d_scores) {
  const WorkScope scope(WorkKind::kVector);
  for (std::int64_t r = 0; r < weights.rows; ++r) {
    const PositionWindow window = pairing.window(r);
    const float* w = weights.row(r);
    const float* dw = d_weights.row(r);
    float* out = d_scores.row(r);
    float mean = 0;
    for (int s = window.first; s < window.last; ++s) mean += w[s] * dw[s];
    for (int s = window.first; s < window.last; ++s) out[s] += w[s] * (dw[s] - mean);
  }
}

}  // namespace heed
#endif
