// Vector functions shared by the kernels; included once for each processor target, hence no #pragma once.
#if defined(HEED_VECTOR_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef HEED_VECTOR_MATH_INL
#undef HEED_VECTOR_MATH_INL
#else
#define HEED_VECTOR_MATH_INL
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Vec = hn::Vec<Floats>;

// tanh by the 11th convergent of Lambert's continued fraction x / (1 + x^2 / (3 + x^2 / (5 + ...))): relative error
// below 7e-7 on all floats, exact 0 at 0, and cheaper than an exponential.
HWY_INLINE Vec tanh_of(Floats d, Vec x) {
  const Vec limit = hn::Set(d, 9.0F);
  // Where one operand is not a number, x86 gives the second: what is not a number stays so.
  x = hn::Min(limit, hn::Max(hn::Neg(limit), x));
  const Vec z = hn::Mul(x, x);
  constexpr float kUnit = 1.0F / 13749310575.0F;
  Vec p = hn::Set(d, 1.0F * kUnit);
  p = hn::MulAdd(p, z, hn::Set(d, 2145.0F * kUnit));
  p = hn::MulAdd(p, z, hn::Set(d, 675675.0F * kUnit));
  p = hn::MulAdd(p, z, hn::Set(d, 64324260.0F * kUnit));
  p = hn::MulAdd(p, z, hn::Set(d, 1964187225.0F * kUnit));
  p = hn::MulAdd(p, z, hn::Set(d, 1.0F));
  Vec q = hn::Set(d, 66.0F * kUnit);
  q = hn::MulAdd(q, z, hn::Set(d, 45045.0F * kUnit));
  q = hn::MulAdd(q, z, hn::Set(d, 7567560.0F * kUnit));
  q = hn::MulAdd(q, z, hn::Set(d, 413513100.0F * kUnit));
  q = hn::MulAdd(q, z, hn::Set(d, 6547290750.0F * kUnit));
  q = hn::MulAdd(q, z, hn::Set(d, 1.0F));
  const Vec one = hn::Set(d, 1.0F);
  return hn::Min(one, hn::Max(hn::Neg(one), hn::Div(hn::Mul(x, p), q)));
}

HWY_INLINE Vec sigmoid_of(Floats d, Vec x) {
  const Vec half = hn::Set(d, 0.5F);
  return hn::MulAdd(half, tanh_of(d, hn::Mul(half, x)), half);
}

// exp of x <= 0, relative error below 5e-7, from -20 on below 3e-7; 0 below -87. What is not a number gives anything,
// with AVX-512 itself.
HWY_INLINE Vec exp_of(Floats d, Vec x) {
  // x = n log 2 + r, |r| <= log(2) / 2
#if HWY_TARGET <= HWY_AVX3
  const auto vanishes = hn::Le(x, hn::Set(d, -87.0F));
  const Vec whole = hn::Round(hn::Mul(x, hn::Set(d, 1.44269504F)));
  const Vec r = hn::NegMulAdd(whole, hn::Set(d, 0.693147181F), x);
#else
  const hn::RebindToSigned<Floats> integers;
  x = hn::Max(x, hn::Set(d, -88.0F));
  const auto n = hn::NearestInt(hn::Mul(x, hn::Set(d, 1.44269504F)));
  const Vec whole = hn::ConvertTo(d, n);
  // In two parts, of which the first is exact where a product is rounded before it is added.
  Vec r = hn::NegMulAdd(whole, hn::Set(d, 0.693359375F), x);
  r = hn::NegMulAdd(whole, hn::Set(d, -2.12194440e-4F), r);
#endif
  Vec p = hn::Set(d, 1.3981999507e-3F);
  p = hn::MulAdd(p, r, hn::Set(d, 8.3334519073e-3F));
  p = hn::MulAdd(p, r, hn::Set(d, 4.1665795894e-2F));
  p = hn::MulAdd(p, r, hn::Set(d, 1.6666665459e-1F));
  p = hn::MulAdd(p, r, hn::Set(d, 5.0000001201e-1F));
  p = hn::MulAdd(hn::Mul(p, r), r, hn::Add(r, hn::Set(d, 1.0F)));
#if HWY_TARGET <= HWY_AVX3
  // p 2^n, of which Highway has nothing.
  return Vec{_mm512_maskz_scalef_ps(hn::Not(vanishes).raw, p.raw, whole.raw)};
#else
  const auto power = hn::ShiftLeft<23>(hn::Add(n, hn::Set(integers, 127)));
  return hn::IfThenElseZero(hn::Gt(x, hn::Set(d, -87.0F)), hn::Mul(p, hn::BitCast(d, power)));
#endif
}

HWY_INLINE Vec load_n(Floats d, const float* from, std::int64_t n) {
  if (n >= static_cast<std::int64_t>(hn::Lanes(d))) return hn::LoadU(d, from);
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
  return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(n)), d, from);
#else
  // Elsewhere a masked load reads the whole vector, which must be aligned.
  HWY_ALIGN float lanes[hn::MaxLanes(d)] = {};
  for (std::int64_t i = 0; i < n; ++i) lanes[i] = from[i];
  return hn::Load(d, lanes);
#endif
}
HWY_INLINE void store_n(Vec v, Floats d, float* to, std::int64_t n) {
  if (n >= static_cast<std::int64_t>(hn::Lanes(d))) {
    hn::StoreU(v, d, to);
  } else {
    hn::BlendedStore(v, hn::FirstN(d, static_cast<std::size_t>(n)), d, to);
  }
}

// for (i in steps of a vector) body(i, how many are left). The whole vectors and the rest are two instances of the
// body, so that the first has no masks.
template <typename Body>
HWY_INLINE void each_vector(std::int64_t count, Body&& body) {
  const Floats d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) body(i, lanes);
  if (i < count) body(i, count - i);
}

/// out[i] = f(in[i]...) for `count` elements; out may be one of them.
template <typename Function, typename... In>
HWY_INLINE void map_vectors(std::int64_t count, float* out, Function&& f, const In*... in) {
  const Floats d;
  each_vector(count, [&](std::int64_t i, std::int64_t n) { store_n(f(load_n(d, in + i, n)...), d, out + i, n); });
}

// What elements are computed with.
HWY_INLINE Vec add(Vec a, Vec b) { return hn::Add(a, b); }
HWY_INLINE Vec sub(Vec a, Vec b) { return hn::Sub(a, b); }
HWY_INLINE Vec mul(Vec a, Vec b) { return hn::Mul(a, b); }
HWY_INLINE Vec div(Vec a, Vec b) { return hn::Div(a, b); }
HWY_INLINE Vec mul_add(Vec a, Vec b, Vec c) { return hn::MulAdd(a, b, c); }
HWY_INLINE Vec neg_mul_add(Vec a, Vec b, Vec c) { return hn::NegMulAdd(a, b, c); }
HWY_INLINE Vec sqrt_of(Vec x) { return hn::Sqrt(x); }
HWY_INLINE Vec tanh_of(Vec x) { return tanh_of(Floats(), x); }
HWY_INLINE Vec sigmoid_of(Vec x) { return sigmoid_of(Floats(), x); }
HWY_INLINE Vec one_like(Vec) { return hn::Set(Floats(), 1.0F); }
#undef HEED_ELEMENT
#define HEED_ELEMENT HWY_INLINE
#include "elements-inl.h"

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
