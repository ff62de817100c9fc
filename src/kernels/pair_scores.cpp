#include "heed/kernels/pair_scores.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pair_scores.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "heed/tensor/work_clock.h"
#include "hwy/highway.h"
#include "vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

// Filters are summed in groups, whose sums stay in registers.
constexpr std::int64_t kGroup = 4;

float ScoreOfPair(const float* query, const float* key, const float* v, std::int64_t columns) {
  const Floats d;
  Vec sum = hn::Zero(d);
  each_vector(columns, [&](std::int64_t i, std::int64_t n) {
    const Vec t = tanh_of(d, hn::Add(load_n(d, query + i, n), load_n(d, key + i, n)));
    sum = hn::MulAdd(load_n(d, v + i, n), t, sum);
  });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

void PairScores(const Pairing& pairing, const AdditivePairs& pairs, const PairFeatures& features,
                const Tensor& scores) {
  const Floats d;
  const std::int64_t columns = pairs.keys.columns;
  const std::int64_t count = features.weights.rows;
  for (std::int64_t r = 0; r < scores.rows; ++r) {
    const int sentence = pairing.sentence[r];
    const float* query = pairs.query.row(r);
    const float* key = pairs.keys.row(pairing.source.offsets[sentence]);
    const float* feature = count > 0 ? features.values.row(r) : nullptr;
    float* out = scores.row(r);
    for (int s = 0; s < pairing.source.lengths[sentence]; ++s, key += columns) {
      Vec sum = hn::Zero(d);
      each_vector(columns, [&](std::int64_t i, std::int64_t n) {
        Vec x = hn::Add(load_n(d, query + i, n), load_n(d, key + i, n));
        for (std::int64_t f = 0; f < count; ++f) {
          x = hn::MulAdd(hn::Set(d, feature[s * count + f]), load_n(d, features.weights.row(f) + i, n), x);
        }
        sum = hn::MulAdd(load_n(d, pairs.v + i, n), tanh_of(d, x), sum);
      });
      out[s] = hn::GetLane(hn::SumOfLanes(d, sum));
    }
  }
}

// The pairs of one row with the positions of its sentence, and where their gradients go.
struct PairRow {
  Tensor keys;  // [length, A]
  const float* query;
  const float* v;
  const float* values;  // [length, F]
  Tensor weights;       // [F, A]
};
struct PairRowGradients {
  const float* scores;  // [length]
  Tensor keys;
  float* query;
  float* v;
  float* values;
  Tensor weights;
};

// The gradients of what is inside tanh, to `inner` [length, A], and from there to query, keys and v.
void PairInner(const PairRow& row, const PairRowGradients& gradients, float* inner) {
  const Floats d;
  const Vec one = hn::Set(d, 1.0F);
  const std::int64_t count = row.weights.rows;
  // Columns outside, positions inside: the sums of this column block stay in registers.
  each_vector(row.keys.columns, [&](std::int64_t i, std::int64_t n) {
    const Vec query = load_n(d, row.query + i, n);
    const Vec v = load_n(d, row.v + i, n);
    Vec d_query = hn::Zero(d);
    Vec d_v = hn::Zero(d);
    for (std::int64_t s = 0; s < row.keys.rows; ++s) {
      Vec x = hn::Add(query, load_n(d, row.keys.row(s) + i, n));
      for (std::int64_t f = 0; f < count; ++f) {
        x = hn::MulAdd(hn::Set(d, row.values[s * count + f]), load_n(d, row.weights.row(f) + i, n), x);
      }
      const Vec t = tanh_of(d, x);
      const Vec gradient = hn::Set(d, gradients.scores[s]);
      d_v = hn::MulAdd(gradient, t, d_v);
      const Vec dx = hn::Mul(hn::Mul(gradient, v), hn::NegMulAdd(t, t, one));
      d_query = hn::Add(d_query, dx);
      float* d_key = gradients.keys.row(s) + i;
      store_n(hn::Add(load_n(d, d_key, n), dx), d, d_key, n);
      if (count > 0) store_n(dx, d, inner + s * row.keys.columns + i, n);
    }
    store_n(hn::Add(load_n(d, gradients.query + i, n), d_query), d, gradients.query + i, n);
    store_n(hn::Add(load_n(d, gradients.v + i, n), d_v), d, gradients.v + i, n);
  });
}

// d_values[s, f] += inner[s] . weights[f];  d_weights[f] += sum over s of values[s, f] * inner[s]
void PairFeatureGradients(const PairRow& row, const Tensor& inner, const PairRowGradients& gradients) {
  const Floats d;
  const std::int64_t count = row.weights.rows;
  for (std::int64_t f = 0; f < count; f += kGroup) {
    const std::int64_t group = count - f < kGroup ? count - f : kGroup;
    for (std::int64_t s = 0; s < inner.rows; ++s) {
      Vec sums[kGroup] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
      each_vector(inner.columns, [&](std::int64_t i, std::int64_t n) {
        const Vec x = load_n(d, inner.row(s) + i, n);
        for (std::int64_t k = 0; k < group; ++k) {
          sums[k] = hn::MulAdd(x, load_n(d, row.weights.row(f + k) + i, n), sums[k]);
        }
      });
      for (std::int64_t k = 0; k < group; ++k) {
        gradients.values[s * count + f + k] += hn::GetLane(hn::SumOfLanes(d, sums[k]));
      }
    }
    each_vector(inner.columns, [&](std::int64_t i, std::int64_t n) {
      Vec sums[kGroup] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
      for (std::int64_t s = 0; s < inner.rows; ++s) {
        const Vec x = load_n(d, inner.row(s) + i, n);
        for (std::int64_t k = 0; k < group; ++k) {
          sums[k] = hn::MulAdd(hn::Set(d, row.values[s * count + f + k]), x, sums[k]);
        }
      }
      for (std::int64_t k = 0; k < group; ++k) {
        float* out = gradients.weights.row(f + k) + i;
        store_n(hn::Add(load_n(d, out, n), sums[k]), d, out, n);
      }
    });
  }
}

void PairScoresBackward(const Pairing& pairing, const AdditivePairs& pairs, const PairFeatures& features,
                        const PairGradients& gradients, float* inner) {
  const bool known = features.weights.rows > 0;
  for (std::int64_t r = 0; r < gradients.scores.rows; ++r) {
    const int sentence = pairing.sentence[r];
    const std::int64_t first = pairing.source.offsets[sentence];
    const std::int64_t length = pairing.source.lengths[sentence];
    const PairRow row{pairs.keys.slice(first, length), pairs.query.row(r), pairs.v,
                      known ? features.values.row(r) : nullptr, features.weights};
    const PairRowGradients out{gradients.scores.row(r),
                               gradients.keys.slice(first, length),
                               gradients.query.row(r),
                               gradients.v,
                               known ? gradients.features.values.row(r) : nullptr,
                               gradients.features.weights};
    PairInner(row, out, inner);
    if (known) PairFeatureGradients(row, {inner, length, pairs.keys.columns}, out);
  }
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <vector>

#include "dispatch.h"
#include "heed/tensor/scratch.h"

namespace heed {

HEED_EXPORT(PairScoresBackward);

HEED_TIMED_KERNEL(void pair_scores(const Pairing& pairing, const AdditivePairs& pairs, const PairFeatures& features,
                                   const Tensor& scores),
                  PairScores, pairing, pairs, features, scores);

void pair_scores_backward(const Pairing& pairing, const AdditivePairs& pairs, const PairFeatures& features,
                          const PairGradients& gradients) {
  const WorkScope scope(WorkKind::kVector);
  thread_local Scratch<float> inner;
  float* const buffer = scratch(inner, static_cast<std::size_t>(pairing.source.longest * pairs.keys.columns));
  HEED_DISPATCH(PairScoresBackward)(pairing, pairs, features, gradients, buffer);
}

HEED_KERNEL(float additive_score(const float* query, const float* key, const float* v, std::int64_t columns),
            ScoreOfPair, query, key, v, columns);

}  // namespace heed
#endif
