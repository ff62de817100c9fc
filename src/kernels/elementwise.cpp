#include "heed/kernels/elementwise.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "elementwise.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "heed/tensor/work_clock.h"
#include "hwy/highway.h"
#include "vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

void TanhForward(const float* x, float* y, std::int64_t count) {
  map_vectors(
      count, y, [](Vec v) { return tanh_of(v); }, x);
}

void TanhBackward(const float* y, const float* dy, float* dx, std::int64_t count) {
  map_vectors(
      count, dx, [](Vec v, Vec dv, Vec sum) { return add_tanh_gradient(v, dv, sum); }, y, dy, dx);
}

void TanhBackwardInPlace(const float* y, float* dy, std::int64_t count) {
  map_vectors(
      count, dy, [](Vec v, Vec dv) { return through_tanh(dv, v); }, y, dy);
}

void SigmoidForward(const float* x, float* y, std::int64_t count) {
  map_vectors(
      count, y, [](Vec v) { return sigmoid_of(v); }, x);
}

void SigmoidBackward(const float* y, const float* dy, float* dx, std::int64_t count) {
  map_vectors(
      count, dx, [](Vec v, Vec dv, Vec sum) { return add_sigmoid_gradient(v, dv, sum); }, y, dy, dx);
}

void AddScaled(const float* x, float scale, float* y, std::int64_t count) {
  const Vec factor = hn::Set(Floats(), scale);
  map_vectors(
      count, y, [factor](Vec v, Vec sum) { return mul_add(factor, v, sum); }, x, y);
}

void AddProduct(const float* a, const float* b, float* y, std::int64_t count) {
  map_vectors(
      count, y, [](Vec u, Vec v, Vec sum) { return mul_add(u, v, sum); }, a, b, y);
}

void Multiply(const float* a, const float* b, float* y, std::int64_t count) {
  map_vectors(
      count, y, [](Vec u, Vec v) { return mul(u, v); }, a, b);
}

double SumOfSquares(const float* x, std::int64_t count) {
  const Floats d;
  // Blocks, so that float32 sums stay short and the total is a double.
  constexpr std::int64_t kBlock = 4096;
  double total = 0;
  for (std::int64_t start = 0; start < count; start += kBlock) {
    Vec sum = hn::Zero(d);
    const std::int64_t block = count - start < kBlock ? count - start : kBlock;
    each_vector(block, [&](std::int64_t i, std::int64_t n) {
      const Vec v = load_n(d, x + start + i, n);
      sum = hn::MulAdd(v, v, sum);
    });
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
  }
  return total;
}

bool AllFinite(const float* x, std::int64_t count) {
  const Floats d;
  const hn::RebindToSigned<Floats> integers;
  // Magnitudes are ordered like their bits; infinity, and what is not a number, come last.
  auto largest = hn::Zero(integers);
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    largest = hn::Max(largest, hn::BitCast(integers, hn::Abs(load_n(d, x + i, n))));
  });
  constexpr std::int32_t kInfinity = 0x7F800000;
  return hn::GetLane(hn::MaxOfLanes(integers, largest)) < kInfinity;
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "dispatch.h"

namespace heed {

HEED_TIMED_KERNEL(void tanh_forward(const float* x, float* y, std::int64_t count), TanhForward, x, y, count);
HEED_TIMED_KERNEL(void tanh_backward(const float* y, const float* dy, float* dx, std::int64_t count), TanhBackward, y,
                  dy, dx, count);
HEED_TIMED_KERNEL(void tanh_backward(const float* y, float* dy, std::int64_t count), TanhBackwardInPlace, y, dy, count);
HEED_TIMED_KERNEL(void sigmoid_forward(const float* x, float* y, std::int64_t count), SigmoidForward, x, y, count);
HEED_TIMED_KERNEL(void sigmoid_backward(const float* y, const float* dy, float* dx, std::int64_t count),
                  SigmoidBackward, y, dy, dx, count);
HEED_KERNEL(void add_scaled(const float* x, float scale, float* y, std::int64_t count), AddScaled, x, scale, y, count);
HEED_TIMED_KERNEL(void add_product(const float* a, const float* b, float* y, std::int64_t count), AddProduct, a, b, y,
                  count);
HEED_TIMED_KERNEL(void multiply(const float* a, const float* b, float* y, std::int64_t count), Multiply, a, b, y,
                  count);
void add_bias(const float* bias, const Tensor& y) {
  const WorkScope scope(WorkKind::kVector);
  for (std::int64_t r = 0; r < y.rows; ++r) add_scaled(bias, 1.0F, y.row(r), y.columns);
}
void add_column_sums(const Tensor& x, float* sums) {
  const WorkScope scope(WorkKind::kVector);
  for (std::int64_t r = 0; r < x.rows; ++r) add_scaled(x.row(r), 1.0F, sums, x.columns);
}
HEED_TIMED_KERNEL(double sum_of_squares(const float* x, std::int64_t count), SumOfSquares, x, count);
HEED_KERNEL(bool all_finite(const float* x, std::int64_t count), AllFinite, x, count);

void dropout_mask(double rate, Rng& rng, float* mask, std::int64_t count) {
  const WorkScope scope(WorkKind::kVector);
  // Four decisions from one draw: 16 bits resolve the rate to 0.0015 %.
  const auto threshold = static_cast<std::uint64_t>(rate * 65536.0);
  const auto kept = static_cast<float>(1.0 / (1.0 - static_cast<double>(threshold) / 65536.0));
  std::uint64_t bits = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if (i % 4 == 0) bits = rng.next();
    mask[i] = (bits & 0xFFFF) >= threshold ? kept : 0.0F;
    bits >>= 16;
  }
}

}  // namespace heed
#endif
