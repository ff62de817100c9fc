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
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) { store_n(tanh_of(d, load_n(d, x + i, n)), d, y + i, n); });
}

void TanhBackward(const float* y, const float* dy, float* dx, std::int64_t count) {
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    const Vec v = load_n(d, y + i, n);
    const Vec slope = hn::NegMulAdd(v, v, hn::Set(d, 1.0F));
    store_n(hn::MulAdd(load_n(d, dy + i, n), slope, load_n(d, dx + i, n)), d, dx + i, n);
  });
}

void TanhBackwardInPlace(const float* y, float* dy, std::int64_t count) {
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    const Vec v = load_n(d, y + i, n);
    store_n(hn::Mul(load_n(d, dy + i, n), hn::NegMulAdd(v, v, hn::Set(d, 1.0F))), d, dy + i, n);
  });
}

void SigmoidForward(const float* x, float* y, std::int64_t count) {
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) { store_n(sigmoid_of(d, load_n(d, x + i, n)), d, y + i, n); });
}

void SigmoidBackward(const float* y, const float* dy, float* dx, std::int64_t count) {
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    const Vec v = load_n(d, y + i, n);
    const Vec slope = hn::NegMulAdd(v, v, v);
    store_n(hn::MulAdd(load_n(d, dy + i, n), slope, load_n(d, dx + i, n)), d, dx + i, n);
  });
}

void AddScaled(const float* x, float scale, float* y, std::int64_t count) {
  const Floats d;
  const Vec factor = hn::Set(d, scale);
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    store_n(hn::MulAdd(factor, load_n(d, x + i, n), load_n(d, y + i, n)), d, y + i, n);
  });
}

void AddProduct(const float* a, const float* b, float* y, std::int64_t count) {
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    store_n(hn::MulAdd(load_n(d, a + i, n), load_n(d, b + i, n), load_n(d, y + i, n)), d, y + i, n);
  });
}

void Multiply(const float* a, const float* b, float* y, std::int64_t count) {
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    store_n(hn::Mul(load_n(d, a + i, n), load_n(d, b + i, n)), d, y + i, n);
  });
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

void AdamUpdate(const AdamStep& step, const float* gradient, float* mean, float* variance, float* weight,
                std::int64_t count) {
  const Floats d;
  const Vec beta1 = hn::Set(d, step.beta1);
  const Vec beta2 = hn::Set(d, step.beta2);
  const Vec rest1 = hn::Set(d, 1.0F - step.beta1);
  const Vec rest2 = hn::Set(d, 1.0F - step.beta2);
  const Vec scale = hn::Set(d, step.gradient_scale);
  const Vec rate = hn::Set(d, step.learning_rate);
  const Vec epsilon = hn::Set(d, step.epsilon);
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    const Vec g = hn::Mul(scale, load_n(d, gradient + i, n));
    const Vec m = hn::MulAdd(beta1, load_n(d, mean + i, n), hn::Mul(rest1, g));
    const Vec v = hn::MulAdd(beta2, load_n(d, variance + i, n), hn::Mul(rest2, hn::Mul(g, g)));
    store_n(m, d, mean + i, n);
    store_n(v, d, variance + i, n);
    const Vec move = hn::Div(hn::Mul(rate, m), hn::Add(hn::Sqrt(v), epsilon));
    store_n(hn::Sub(load_n(d, weight + i, n), move), d, weight + i, n);
  });
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "dispatch.h"

namespace heed {

HWY_EXPORT(AdamUpdate);

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
  const WorkScope scope(Work::kVector);
  for (std::int64_t r = 0; r < y.rows; ++r) add_scaled(bias, 1.0F, y.row(r), y.columns);
}
void add_column_sums(const Tensor& x, float* sums) {
  const WorkScope scope(Work::kVector);
  for (std::int64_t r = 0; r < x.rows; ++r) add_scaled(x.row(r), 1.0F, sums, x.columns);
}
HEED_TIMED_KERNEL(double sum_of_squares(const float* x, std::int64_t count), SumOfSquares, x, count);
HEED_KERNEL(bool all_finite(const float* x, std::int64_t count), AllFinite, x, count);

void dropout_mask(double rate, Rng& rng, float* mask, std::int64_t count) {
  const WorkScope scope(Work::kVector);
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

void adam_update(const AdamStep& step, const float* gradient, float* mean, float* variance, float* weight,
                 std::int64_t count) {
  const WorkScope scope(Work::kMemory);
  HWY_DYNAMIC_DISPATCH(AdamUpdate)(step, gradient, mean, variance, weight, count);
}

}  // namespace heed
#endif
