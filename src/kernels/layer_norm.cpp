#include "heed/kernels/layer_norm.h"

#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layer_norm.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "hwy/highway.h"
#include "vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

// x, with 0 beyond the first n lanes.
HWY_INLINE Vec first_n(Floats d, Vec x, std::int64_t n) {
  if (n >= static_cast<std::int64_t>(hn::Lanes(d))) return x;
  return hn::IfThenElseZero(hn::FirstN(d, static_cast<std::size_t>(n)), x);
}

void LayerNormForwardRows(const LayerNormForward& norm) {
  const Floats d;
  const std::int64_t columns = norm.x.columns;
  const auto width = static_cast<float>(columns);
  for (std::int64_t r = 0; r < norm.x.rows; ++r) {
    float* x = norm.x.row(r);
    float* y = norm.y.row(r);
    Vec sum = hn::Zero(d);
    each_vector(columns, [&](std::int64_t j, std::int64_t n) { sum = hn::Add(sum, load_n(d, x + j, n)); });
    const Vec mean = hn::Set(d, hn::GetLane(hn::SumOfLanes(d, sum)) / width);
    Vec squares = hn::Zero(d);
    each_vector(columns, [&](std::int64_t j, std::int64_t n) {
      const Vec difference = first_n(d, hn::Sub(load_n(d, x + j, n), mean), n);
      squares = hn::MulAdd(difference, difference, squares);
    });
    const float variance = hn::GetLane(hn::SumOfLanes(d, squares)) / width;
    norm.scale[r] = 1.0F / std::sqrt(variance + kLayerNormEpsilon);
    const Vec scale = hn::Set(d, norm.scale[r]);
    each_vector(columns, [&](std::int64_t j, std::int64_t n) {
      const Vec normalized = hn::Mul(hn::Sub(load_n(d, x + j, n), mean), scale);
      const Vec bias = norm.bias == nullptr ? hn::Zero(d) : load_n(d, norm.bias + j, n);
      store_n(normalized, d, x + j, n);
      store_n(hn::MulAdd(normalized, load_n(d, norm.gain + j, n), bias), d, y + j, n);
    });
  }
}

// dx += scale * (g - mean(g) - x^ mean(g x^)), g = gain * dy
void LayerNormBackwardRows(const LayerNormBackward& norm) {
  const Floats d;
  const std::int64_t columns = norm.normalized.columns;
  const auto width = static_cast<float>(columns);
  for (std::int64_t r = 0; r < norm.normalized.rows; ++r) {
    float* normalized = norm.normalized.row(r);
    const float* dy = norm.y_gradient.row(r);
    float* dx = norm.x_gradient.row(r);
    Vec sum = hn::Zero(d);
    Vec product = hn::Zero(d);
    each_vector(columns, [&](std::int64_t j, std::int64_t n) {
      const Vec g = hn::Mul(load_n(d, dy + j, n), load_n(d, norm.gain + j, n));
      sum = hn::Add(sum, g);
      product = hn::MulAdd(g, load_n(d, normalized + j, n), product);
    });
    const Vec mean = hn::Set(d, hn::GetLane(hn::SumOfLanes(d, sum)) / width);
    const Vec along = hn::Set(d, hn::GetLane(hn::SumOfLanes(d, product)) / width);
    const Vec scale = hn::Set(d, norm.scale[r]);
    each_vector(columns, [&](std::int64_t j, std::int64_t n) {
      const Vec upstream = load_n(d, dy + j, n);
      const Vec x = load_n(d, normalized + j, n);
      const Vec g = hn::Mul(upstream, load_n(d, norm.gain + j, n));
      const Vec change = hn::NegMulAdd(x, along, hn::Sub(g, mean));
      store_n(hn::MulAdd(scale, change, load_n(d, dx + j, n)), d, dx + j, n);
      store_n(hn::Mul(x, upstream), d, normalized + j, n);
    });
  }
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "dispatch.h"

namespace heed {

HEED_TIMED_KERNEL(void layer_norm_forward(const LayerNormForward& norm), LayerNormForwardRows, norm);
HEED_TIMED_KERNEL(void layer_norm_backward(const LayerNormBackward& norm), LayerNormBackwardRows, norm);

}  // namespace heed
#endif
