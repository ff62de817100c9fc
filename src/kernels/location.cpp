#include "heed/kernels/location.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "location.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "hwy/highway.h"
#include "vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

// visit(position, k): the positions of the sentence that the filters see from s.
template <typename Visit>
HWY_INLINE void each_seen(std::int64_t s, std::int64_t length, std::int64_t width, Visit&& visit) {
  const std::int64_t half = (width - 1) / 2;
  const std::int64_t first = s > half ? s - half : 0;
  const std::int64_t last = s + half < length - 1 ? s + half : length - 1;
  for (std::int64_t j = first; j <= last; ++j) visit(j, j - s + half);
}

void LocationFeatures(const Pairing& pairing, const Tensor& weights, const Tensor& filters, const Tensor& features) {
  const Floats d;
  const std::int64_t count = filters.columns;
  for (std::int64_t r = 0; r < features.rows; ++r) {
    const int length = pairing.source.lengths[pairing.sentence[r]];
    const float* weight = weights.row(r);
    for (std::int64_t s = 0; s < length; ++s) {
      float* out = features.row(r) + s * count;
      each_vector(count, [&](std::int64_t i, std::int64_t n) {
        Vec sum = load_n(d, out + i, n);
        each_seen(s, length, filters.rows, [&](std::int64_t j, std::int64_t k) {
          sum = hn::MulAdd(hn::Set(d, weight[j]), load_n(d, filters.row(k) + i, n), sum);
        });
        store_n(sum, d, out + i, n);
      });
    }
  }
}

void LocationBackward(const Pairing& pairing, const Tensor& weights, const Tensor& filters,
                      const LocationGradients& gradients) {
  const Floats d;
  const std::int64_t count = filters.columns;
  for (std::int64_t r = 0; r < gradients.features.rows; ++r) {
    const int length = pairing.source.lengths[pairing.sentence[r]];
    const float* weight = weights.row(r);
    float* d_weight = gradients.weights.row(r);
    for (std::int64_t s = 0; s < length; ++s) {
      const float* d_feature = gradients.features.row(r) + s * count;
      each_seen(s, length, filters.rows, [&](std::int64_t j, std::int64_t k) {
        Vec sum = hn::Zero(d);
        each_vector(count, [&](std::int64_t i, std::int64_t n) {
          const Vec gradient = load_n(d, d_feature + i, n);
          sum = hn::MulAdd(gradient, load_n(d, filters.row(k) + i, n), sum);
          float* d_filter = gradients.filters.row(k) + i;
          store_n(hn::MulAdd(hn::Set(d, weight[j]), gradient, load_n(d, d_filter, n)), d, d_filter, n);
        });
        d_weight[j] += hn::GetLane(hn::SumOfLanes(d, sum));
      });
    }
  }
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "dispatch.h"

namespace heed {

HEED_TIMED_KERNEL(void add_location_features(const Pairing& pairing, const Tensor& weights, const Tensor& filters,
                                             const Tensor& features),
                  LocationFeatures, pairing, weights, filters, features);

HEED_TIMED_KERNEL(void location_backward(const Pairing& pairing, const Tensor& weights, const Tensor& filters,
                                         const LocationGradients& gradients),
                  LocationBackward, pairing, weights, filters, gradients);

}  // namespace heed
#endif
