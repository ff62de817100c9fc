#include "heed/kernels/coverage.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "coverage.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "heed/tensor/work_clock.h"
#include "hwy/highway.h"
#include "vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

HWY_INLINE float dot_of(const float* a, const float* b, std::int64_t count) {
  const Floats d;
  Vec sum = hn::Zero(d);
  each_vector(count,
              [&](std::int64_t i, std::int64_t n) { sum = hn::MulAdd(load_n(d, a + i, n), load_n(d, b + i, n), sum); });
  return hn::GetLane(hn::SumOfLanes(d, sum));
}
HWY_INLINE void add_times(float factor, const float* x, float* y, std::int64_t count) {
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    store_n(hn::MulAdd(hn::Set(d, factor), load_n(d, x + i, n), load_n(d, y + i, n)), d, y + i, n);
  });
}

// A row and a position of its sentence.
struct Place {
  std::int64_t row;
  std::int64_t s;
  std::int64_t position;  // of all sentences
};

// gates: [3F], z, r, n of this place; coverage [F].
void GatePosition(const GatedCoverage& in, const Place& place, float* gates, float* coverage) {
  const Floats d;
  const std::int64_t count = in.recurrent.rows;
  const float* query = in.query.row(place.row);
  const float* position = in.positions.row(place.position);
  const float* previous = in.previous.row(place.row) + place.s * count;
  const float weight = in.weights.row(place.row)[place.s];
  const auto start = [&](std::int64_t i, std::int64_t n) {
    const Vec known = hn::Add(load_n(d, query + i, n), load_n(d, position + i, n));
    return hn::MulAdd(hn::Set(d, weight), load_n(d, in.of_weight + i, n), known);
  };
  each_vector(2 * count, [&](std::int64_t i, std::int64_t n) {
    Vec x = start(i, n);
    for (std::int64_t k = 0; k < count; ++k) {
      x = hn::MulAdd(hn::Set(d, previous[k]), load_n(d, in.recurrent.row(k) + i, n), x);
    }
    store_n(sigmoid_of(d, x), d, gates + i, n);
  });
  const float* update = gates;
  const float* reset = gates + count;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    Vec x = start(2 * count + i, n);
    for (std::int64_t k = 0; k < count; ++k) {
      x = hn::MulAdd(hn::Set(d, reset[k] * previous[k]), load_n(d, in.recurrent.row(k) + 2 * count + i, n), x);
    }
    const Vec candidate = tanh_of(d, x);
    store_n(candidate, d, gates + 2 * count + i, n);
    const Vec before = load_n(d, previous + i, n);
    store_n(hn::MulAdd(load_n(d, update + i, n), hn::Sub(candidate, before), before), d, coverage + i, n);
  });
}

void GateCoverage(const Pairing& pairing, const GatedCoverage& in, const Tensor& gates, const Tensor& coverage) {
  const std::int64_t count = in.recurrent.rows;
  for (std::int64_t r = 0; r < coverage.rows; ++r) {
    const int sentence = pairing.sentence[r];
    for (std::int64_t s = 0; s < pairing.source.lengths[sentence]; ++s) {
      GatePosition(in, {r, s, pairing.source.offsets[sentence] + s}, gates.row(r) + s * 3 * count,
                   coverage.row(r) + s * count);
    }
  }
}

// One position: gradients of what is inside the gates, to `inner` [3F], and of the coverage before.
void GatePositionBackward(const GatedCoverage& in, const Place& place, const float* gates,
                          const GatedCoverageGradients& gradients, float* inner) {
  const std::int64_t count = in.recurrent.rows;
  const float* previous = in.previous.row(place.row) + place.s * count;
  const float* d_coverage = gradients.coverage.row(place.row) + place.s * count;
  float* d_previous = gradients.previous.row(place.row) + place.s * count;
  const float* update = gates;
  const float* reset = gates + count;
  const float* candidate = gates + 2 * count;
  for (std::int64_t k = 0; k < count; ++k) {
    inner[k] = d_coverage[k] * (candidate[k] - previous[k]) * update[k] * (1.0F - update[k]);
    inner[2 * count + k] = d_coverage[k] * update[k] * (1.0F - candidate[k] * candidate[k]);
    d_previous[k] += d_coverage[k] * (1.0F - update[k]);
  }
  for (std::int64_t k = 0; k < count; ++k) {
    const float* weights = in.recurrent.row(k);
    const float d_product = dot_of(weights + 2 * count, inner + 2 * count, count);  // of r * C'
    inner[count + k] = d_product * previous[k] * reset[k] * (1.0F - reset[k]);
    d_previous[k] += d_product * reset[k];
  }
  for (std::int64_t k = 0; k < count; ++k) d_previous[k] += dot_of(in.recurrent.row(k), inner, 2 * count);
}

void GateCoverageBackward(const Pairing& pairing, const GatedCoverage& in, const Tensor& gates,
                          const GatedCoverageGradients& gradients, float* inner) {
  const std::int64_t count = in.recurrent.rows;
  for (std::int64_t r = 0; r < gradients.coverage.rows; ++r) {
    const int sentence = pairing.sentence[r];
    for (std::int64_t s = 0; s < pairing.source.lengths[sentence]; ++s) {
      const float* gate = gates.row(r) + s * 3 * count;
      const float* previous = in.previous.row(r) + s * count;
      const float weight = in.weights.row(r)[s];
      GatePositionBackward(in, {r, s, pairing.source.offsets[sentence] + s}, gate, gradients, inner);
      add_times(1.0F, inner, gradients.query.row(r), 3 * count);
      add_times(1.0F, inner, gradients.positions.row(pairing.source.offsets[sentence] + s), 3 * count);
      add_times(weight, inner, gradients.of_weight, 3 * count);
      gradients.weights.row(r)[s] += dot_of(in.of_weight, inner, 3 * count);
      for (std::int64_t k = 0; k < count; ++k) {
        float* d_weights = gradients.recurrent.row(k);
        add_times(previous[k], inner, d_weights, 2 * count);
        add_times(gate[count + k] * previous[k], inner + 2 * count, d_weights + 2 * count, count);
      }
    }
  }
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cmath>
#include <vector>

#include "dispatch.h"
#include "heed/tensor/scratch.h"

namespace heed {

HEED_EXPORT(GateCoverageBackward);

namespace {

float exp_of_minus(float x) { return std::exp(-std::max(x, kLeastFertile)); }

}  // namespace

void add_covered(const Pairing& pairing, const Tensor& weights, const Tensor& x, float largest, const Tensor& covered) {
  const WorkScope scope(WorkKind::kVector);
  for (std::int64_t r = 0; r < covered.rows; ++r) {
    const int sentence = pairing.sentence[r];
    const float* of_position = x.data + pairing.source.offsets[sentence];
    for (int s = 0; s < pairing.source.lengths[sentence]; ++s) {
      covered.row(r)[s] += weights.row(r)[s] * (1.0F + exp_of_minus(of_position[s])) / largest;
    }
  }
}

void covered_backward(const Pairing& pairing, const Tensor& weights, const Tensor& x, float largest,
                      const CoveredGradients& gradients) {
  const WorkScope scope(WorkKind::kVector);
  for (std::int64_t r = 0; r < gradients.covered.rows; ++r) {
    const int sentence = pairing.sentence[r];
    const std::int64_t first = pairing.source.offsets[sentence];
    for (int s = 0; s < pairing.source.lengths[sentence]; ++s) {
      const float of_position = x.data[first + s];
      const float power = exp_of_minus(of_position);
      const float d_covered = gradients.covered.row(r)[s] / largest;
      gradients.weights.row(r)[s] += d_covered * (1.0F + power);
      if (of_position > kLeastFertile) gradients.x.data[first + s] -= d_covered * weights.row(r)[s] * power;
    }
  }
}

HEED_TIMED_KERNEL(void gated_coverage(const Pairing& pairing, const GatedCoverage& in, const Tensor& gates,
                                      const Tensor& coverage),
                  GateCoverage, pairing, in, gates, coverage);

void gated_coverage_backward(const Pairing& pairing, const GatedCoverage& in, const Tensor& gates,
                             const GatedCoverageGradients& gradients) {
  const WorkScope scope(WorkKind::kVector);
  thread_local Scratch<float> inner;
  float* const buffer = scratch(inner, static_cast<std::size_t>(in.recurrent.columns));
  HEED_DISPATCH(GateCoverageBackward)(pairing, in, gates, gradients, buffer);
}

}  // namespace heed
#endif
