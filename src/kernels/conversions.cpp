#include "heed/kernels/conversions.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "conversions.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// Highway's own headers follow foreach_target.h.
#include "hwy/highway.h"
#include "vector_math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace heed::HWY_NAMESPACE {

using Words = hn::RebindToUnsigned<Floats>;
using Integers = hn::RebindToSigned<Floats>;
using Halves = hn::Rebind<std::uint16_t, Floats>;

// The bfloat16 in the upper half of each lane; the lower half is anything.
HWY_INLINE hn::Vec<Words> RoundedBits(Floats, Vec x) {
  const Words words;
  const auto bits = hn::BitCast(words, x);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(words, 1));
  const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(words, 0x7FFF)));
  const auto quiet = hn::Or(bits, hn::Set(words, 0x00400000));
  return hn::IfThenElse(hn::RebindMask(words, hn::IsNaN(x)), quiet, rounded);
}

void ToBfloat16(const float* x, std::uint16_t* y, std::int64_t count) {
  const Floats d;
  const Halves halves;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    const auto upper = hn::ShiftRight<16>(RoundedBits(d, load_n(d, x + i, n)));
    const auto narrow = hn::DemoteTo(halves, hn::BitCast(Integers(), upper));
    if (n >= static_cast<std::int64_t>(hn::Lanes(d))) {
      hn::StoreU(narrow, halves, y + i);
    } else {
      HWY_ALIGN std::uint16_t lanes[hn::MaxLanes(d)];
      hn::Store(narrow, halves, lanes);
      for (std::int64_t k = 0; k < n; ++k) y[i + k] = lanes[k];
    }
  });
}

void RoundToBfloat16(const float* x, float* y, std::int64_t count) {
  const Floats d;
  const Words words;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    const auto kept = hn::And(RoundedBits(d, load_n(d, x + i, n)), hn::Set(words, 0xFFFF0000U));
    store_n(hn::BitCast(d, kept), d, y + i, n);
  });
}

float LargestMagnitude(const float* x, std::int64_t count) {
  const Floats d;
  const Integers integers;
  // Magnitudes are ordered like their bits; what is not a number is larger than all.
  auto largest = hn::Zero(integers);
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    largest = hn::Max(largest, hn::BitCast(integers, hn::Abs(load_n(d, x + i, n))));
  });
  const std::int32_t bits = hn::GetLane(hn::MaxOfLanes(integers, largest));
  float out;
  static_assert(sizeof out == sizeof bits);
  __builtin_memcpy(&out, &bits, sizeof out);
  return out;
}

// Whole numbers of x * inverse, for lanes i to i + n.
HWY_INLINE hn::Vec<Integers> Quantized(Floats d, const float* x, float inverse, std::int64_t n) {
  return hn::NearestInt(hn::Mul(load_n(d, x, n), hn::Set(d, inverse)));
}

// kOffset: 128 is added.
template <typename Byte, int kOffset>
void QuantizeRow(const float* x, float inverse, Byte* q, std::int64_t count) {
  const Floats d;
  const Integers integers;
  const hn::Rebind<Byte, Floats> bytes;
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    const auto narrow = hn::DemoteTo(bytes, hn::Add(Quantized(d, x + i, inverse, n), hn::Set(integers, kOffset)));
    if (n >= static_cast<std::int64_t>(hn::Lanes(d))) {
      hn::StoreU(narrow, bytes, q + i);
    } else {
      HWY_ALIGN Byte lanes[hn::MaxLanes(d)];
      hn::Store(narrow, bytes, lanes);
      for (std::int64_t k = 0; k < n; ++k) q[i + k] = lanes[k];
    }
  });
}

void QuantizeToBytes(const float* x, float inverse, std::uint8_t* q, std::int64_t count) {
  QuantizeRow<std::uint8_t, 128>(x, inverse, q, count);
}

void QuantizeToSignedBytes(const float* x, float inverse, std::int8_t* q, std::int64_t count) {
  QuantizeRow<std::int8_t, 0>(x, inverse, q, count);
}

// largest[n] = largest magnitude of column n, compared like LargestMagnitude
void ColumnMagnitudes(const Tensor& weights, float* largest) {
  const Floats d;
  const Integers integers;
  for (std::int64_t r = 0; r < weights.rows; ++r) {
    each_vector(weights.columns, [&](std::int64_t i, std::int64_t n) {
      auto v = hn::BitCast(integers, hn::Abs(load_n(d, weights.row(r) + i, n)));
      if (r > 0) v = hn::Max(v, hn::BitCast(integers, load_n(d, largest + i, n)));
      store_n(hn::BitCast(d, v), d, largest + i, n);
    });
  }
}

// Four inputs of 64 outputs, as groups; `sums` gets their sum added.
void PackInt8Group(const float* const* rows, const float* inverse, std::int32_t* sums, std::int8_t* groups) {
  const Floats d;
  const Integers integers;
  const Words words;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t n = 0; n < Int8Blocks::kOut; n += lanes) {
    const Vec scale = hn::LoadU(d, inverse + n);
    const auto whole = [&](int row) {
      const Vec q = hn::Mul(hn::LoadU(d, rows[row] + n), scale);
      return hn::NearestInt(hn::IfThenElse(hn::IsNaN(q), hn::Zero(d), q));  // its scale is not a number either
    };
    const auto byte = [&](hn::Vec<Integers> q) { return hn::And(hn::BitCast(words, q), hn::Set(words, 0xFF)); };
    const auto q0 = whole(0);
    const auto q1 = whole(1);
    const auto q2 = whole(2);
    const auto q3 = whole(3);
    const auto low = hn::Or(byte(q0), hn::ShiftLeft<8>(byte(q1)));
    const auto high = hn::Or(hn::ShiftLeft<16>(byte(q2)), hn::ShiftLeft<24>(byte(q3)));
    hn::StoreU(hn::Or(low, high), words, reinterpret_cast<std::uint32_t*>(groups) + n);
    const auto sum = hn::Add(hn::Add(q0, q1), hn::Add(q2, q3));
    hn::StoreU(hn::Add(hn::LoadU(integers, sums + n), sum), integers, sums + n);
  }
}

// sum + product * factor, said as one operation, or the compiler would choose for each place by itself.
HWY_INLINE Vec Scaled(Floats d, Vec product, const Dequantize& how, std::int64_t i, std::int64_t n, Vec sum) {
  return hn::MulAdd(product, hn::Mul(load_n(d, how.scale + i, n), hn::Set(d, how.row_scale)), sum);
}

HWY_INLINE hn::Vec<Integers> LoadIntegers(const std::int32_t* from, std::int64_t n) {
  const Integers integers;
  if (n >= static_cast<std::int64_t>(hn::Lanes(integers))) return hn::LoadU(integers, from);
  HWY_ALIGN std::int32_t lanes[hn::MaxLanes(integers)] = {};
  for (std::int64_t i = 0; i < n; ++i) lanes[i] = from[i];
  return hn::Load(integers, lanes);
}

template <std::size_t kParts>
void DequantizeSome(const Dequantize* all, bool add, float* y, std::int64_t count) {
  const Floats d;
  // A copy of their own lets the compiler keep the pointers where they are fastest.
  Dequantize parts[kParts];
  for (std::size_t p = 0; p < kParts; ++p) parts[p] = all[p];
  each_vector(count, [&](std::int64_t i, std::int64_t n) {
    Vec sum = add ? load_n(d, y + i, n) : hn::Zero(d);
    for (std::size_t p = 0; p < kParts; ++p) {
      const auto product = hn::Sub(LoadIntegers(parts[p].products + i, n), LoadIntegers(parts[p].sum + i, n));
      sum = Scaled(d, hn::ConvertTo(d, product), parts[p], i, n, sum);
    }
    store_n(sum, d, y + i, n);
  });
}

void DequantizeParts(std::span<const Dequantize> parts, bool add, float* y, std::int64_t count) {
  if (parts.size() == 1) return DequantizeSome<1>(parts.data(), add, y, count);
  if (parts.size() == 2) return DequantizeSome<2>(parts.data(), add, y, count);
  if (parts.size() == 3) return DequantizeSome<3>(parts.data(), add, y, count);
  for (const Dequantize& part : parts) {
    DequantizeSome<1>(&part, add, y, count);
    add = true;
  }
}

void DequantizeBytes(const std::int8_t* q, float factor, float* y, std::int64_t count) {
  const Floats d;
  const hn::Rebind<std::int8_t, Floats> bytes;
  const Vec scale = hn::Set(d, factor);
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto whole = hn::PromoteTo(Integers(), hn::LoadU(bytes, q + i));
    hn::StoreU(hn::Mul(scale, hn::ConvertTo(d, whole)), d, y + i);
  }
  for (; i < count; ++i) y[i] = factor * static_cast<float>(q[i]);
}

}  // namespace heed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>
#include <limits>

#include "dispatch.h"

namespace heed {

HEED_EXPORT(LargestMagnitude);
HEED_EXPORT(QuantizeToBytes);
HEED_EXPORT(QuantizeToSignedBytes);

HEED_KERNEL(void to_bfloat16(const float* x, std::uint16_t* y, std::int64_t count), ToBfloat16, x, y, count);
HEED_KERNEL(void round_to_bfloat16(const float* x, float* y, std::int64_t count), RoundToBfloat16, x, y, count);

Int8Scale int8_scale(float largest) {
  if (!std::isfinite(largest)) return {std::numeric_limits<float>::quiet_NaN(), 0.0F};
  return largest < 1e-30F ? Int8Scale{0.0F, 0.0F} : Int8Scale{largest / 127.0F, 127.0F / largest};
}

float quantize_row(const float* x, std::uint8_t* q, std::int64_t count) {
  const Int8Scale scale = int8_scale(HEED_DISPATCH(LargestMagnitude)(x, count));
  HEED_DISPATCH(QuantizeToBytes)(x, scale.inverse, q, count);
  return scale.scale;
}
float quantize_row(const float* x, std::int8_t* q, std::int64_t count) {
  const Int8Scale scale = int8_scale(HEED_DISPATCH(LargestMagnitude)(x, count));
  HEED_DISPATCH(QuantizeToSignedBytes)(x, scale.inverse, q, count);
  return scale.scale;
}
HEED_KERNEL(void column_magnitudes(const Tensor& weights, float* largest), ColumnMagnitudes, weights, largest);
HEED_KERNEL(void pack_int8_group(const float* const* rows, const float* inverse, std::int32_t* sums,
                                 std::int8_t* groups),
            PackInt8Group, rows, inverse, sums, groups);

HEED_KERNEL(void dequantize_row(std::span<const Dequantize> parts, bool add, float* y, std::int64_t count),
            DequantizeParts, parts, add, y, count);
HEED_KERNEL(void dequantize_bytes(const std::int8_t* q, float factor, float* y, std::int64_t count), DequantizeBytes, q,
            factor, y, count);

}  // namespace heed
#endif
