#include "heed/kernels/optimizers.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimizers.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "heed/tensor/work_clock.h"
#include "hwy/cache_control.h"
#include "hwy/highway.h"
#include "vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

HWY_INLINE Vec vector_of(float value) { return hn::Set(Floats(), value); }

/// The processor itself reads ahead no further than to the end of a page.
HWY_INLINE void read_ahead(const StepArrays& arrays, std::int64_t i) {
  constexpr std::int64_t kAhead = 512, kLine = 16;
  if (i % kLine != 0) return;
  for (const float* array : {arrays.gradient, static_cast<const float*>(arrays.weight),
                             static_cast<const float*>(arrays.first), static_cast<const float*>(arrays.second)}) {
    if (array != nullptr) hwy::Prefetch(array + i + kAhead);
  }
}

/// Calls rule(i, n, g, weight) for the vectors of the arrays, g and the weight as StepFactors have them, and keeps what
/// it returns as the weight.
template <typename Rule>
void step_each(const StepFactors& factors, const StepArrays& arrays, Rule rule) {
  const Floats d;
  const Vec scale = vector_of(factors.gradient_scale), l2 = vector_of(factors.l2), keep = vector_of(factors.keep);
  const Vec most = vector_of(factors.largest), least = vector_of(-factors.largest);
  const bool cuts = factors.largest > 0;
  each_vector(arrays.count, [&](std::int64_t i, std::int64_t n) {
    read_ahead(arrays, i);
    Vec g = mul(scale, load_n(d, arrays.gradient + i, n));
    if (cuts) g = hn::Min(most, hn::Max(least, g));
    const Vec weight = load_n(d, arrays.weight + i, n);
    store_n(rule(i, n, mul_add(l2, weight, g), mul(keep, weight)), d, arrays.weight + i, n);
  });
}

void SgdStep(const StepFactors& factors, const StepArrays& arrays) {
  const Vec rate = vector_of(factors.learning_rate);
  step_each(factors, arrays,
            [&](std::int64_t, std::int64_t, Vec g, Vec weight) { return neg_mul_add(rate, g, weight); });
}

void MomentumStep(const StepFactors& factors, float momentum, bool nesterov, const StepArrays& arrays) {
  const Floats d;
  const Vec rate = vector_of(factors.learning_rate), mu = vector_of(momentum);
  step_each(factors, arrays, [&](std::int64_t i, std::int64_t n, Vec g, Vec weight) {
    const Vec velocity = mul_add(mu, load_n(d, arrays.first + i, n), g);
    store_n(velocity, d, arrays.first + i, n);
    return neg_mul_add(rate, nesterov ? mul_add(mu, velocity, g) : velocity, weight);
  });
}

void AdamStep(const StepFactors& factors, float beta1, float beta2, float epsilon, const StepArrays& arrays) {
  const Floats d;
  const AdamNumbers<Vec> by{.beta1 = vector_of(beta1),
                            .rest1 = vector_of(1.0F - beta1),
                            .beta2 = vector_of(beta2),
                            .rest2 = vector_of(1.0F - beta2),
                            .learning_rate = vector_of(factors.learning_rate),
                            .epsilon = vector_of(epsilon)};
  step_each(factors, arrays, [&](std::int64_t i, std::int64_t n, Vec g, Vec weight) {
    const AdamMoments<Vec> after =
        adam_moments(by, g, {load_n(d, arrays.first + i, n), load_n(d, arrays.second + i, n)});
    store_n(after.mean, d, arrays.first + i, n);
    store_n(after.variance, d, arrays.second + i, n);
    return adam_weight(by, after, weight);
  });
}

void AdagradStep(const StepFactors& factors, float epsilon, const StepArrays& arrays) {
  const Floats d;
  const Vec rate = vector_of(factors.learning_rate), least = vector_of(epsilon);
  step_each(factors, arrays, [&](std::int64_t i, std::int64_t n, Vec g, Vec weight) {
    const Vec sum = mul_add(g, g, load_n(d, arrays.first + i, n));
    store_n(sum, d, arrays.first + i, n);
    return sub(weight, div(mul(rate, g), add(sqrt_of(sum), least)));
  });
}

void AdadeltaStep(const StepFactors& factors, float rho, float epsilon, const StepArrays& arrays) {
  const Floats d;
  const Vec rate = vector_of(factors.learning_rate), least = vector_of(epsilon);
  const Vec old = vector_of(rho), rest = vector_of(1.0F - rho);
  step_each(factors, arrays, [&](std::int64_t i, std::int64_t n, Vec g, Vec weight) {
    const Vec squares = mul_add(old, load_n(d, arrays.first + i, n), mul(rest, mul(g, g)));
    const Vec before = load_n(d, arrays.second + i, n);
    const Vec x = div(mul(sqrt_of(add(before, least)), g), sqrt_of(add(squares, least)));
    store_n(squares, d, arrays.first + i, n);
    store_n(mul_add(old, before, mul(rest, mul(x, x))), d, arrays.second + i, n);
    return neg_mul_add(rate, x, weight);
  });
}

void RmspropStep(const StepFactors& factors, float rho, float epsilon, const StepArrays& arrays) {
  const Floats d;
  const Vec rate = vector_of(factors.learning_rate), least = vector_of(epsilon);
  const Vec old = vector_of(rho), rest = vector_of(1.0F - rho);
  step_each(factors, arrays, [&](std::int64_t i, std::int64_t n, Vec g, Vec weight) {
    const Vec mean = mul_add(old, load_n(d, arrays.first + i, n), mul(rest, mul(g, g)));
    store_n(mean, d, arrays.first + i, n);
    return sub(weight, div(mul(rate, g), add(sqrt_of(mean), least)));
  });
}

void AverageStep(float decay, const float* weight, float* average, std::int64_t count) {
  const Vec old = vector_of(decay), rest = vector_of(1.0F - decay);
  map_vectors(
      count, average, [&](Vec w, Vec a) { return mul_add(old, a, mul(rest, w)); }, weight, average);
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "dispatch.h"
namespace heed {

// What a step waits for is memory.
#define HEED_STEP(signature, Code, ...)       \
  HEED_EXPORT(Code);                          \
  signature {                                 \
    const WorkScope scope(WorkKind::kMemory); \
    HEED_DISPATCH(Code)(__VA_ARGS__);         \
  }                                           \
  static_assert(true, "so that a semicolon ends it")

HEED_STEP(void sgd_step(const StepFactors& factors, const StepArrays& arrays), SgdStep, factors, arrays);
HEED_STEP(void momentum_step(const StepFactors& factors, float momentum, bool nesterov, const StepArrays& arrays),
          MomentumStep, factors, momentum, nesterov, arrays);
HEED_STEP(void adam_step(const StepFactors& factors, float beta1, float beta2, float epsilon, const StepArrays& arrays),
          AdamStep, factors, beta1, beta2, epsilon, arrays);
HEED_STEP(void adagrad_step(const StepFactors& factors, float epsilon, const StepArrays& arrays), AdagradStep, factors,
          epsilon, arrays);
HEED_STEP(void adadelta_step(const StepFactors& factors, float rho, float epsilon, const StepArrays& arrays),
          AdadeltaStep, factors, rho, epsilon, arrays);
HEED_STEP(void rmsprop_step(const StepFactors& factors, float rho, float epsilon, const StepArrays& arrays),
          RmspropStep, factors, rho, epsilon, arrays);
HEED_STEP(void average_step(float decay, const float* weight, float* average, std::int64_t count), AverageStep, decay,
          weight, average, count);
#undef HEED_STEP

}  // namespace heed
#endif
