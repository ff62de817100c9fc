#pragma once
#include <bit>
#include <cmath>
#include <cstdint>

#include "values.h"

namespace heed {

/// The float32 of a bfloat16.
inline float float_of(std::uint16_t bfloat16) { return std::bit_cast<float>(std::uint32_t{bfloat16} << 16); }

/// The nearest bfloat16, found by comparing distances to both neighbours, for numbers and infinities.
inline std::uint16_t nearest_bfloat16(float x) {
  const auto toward_zero = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(x) >> 16);
  if (!std::isfinite(x)) return toward_zero;
  const auto away = static_cast<std::uint16_t>(toward_zero + 1);
  // Beyond the largest number the next step would be 2^128, which is written as infinity.
  const double inner = std::abs(static_cast<double>(float_of(toward_zero)));
  const double outer = std::isinf(float_of(away)) ? 0x1p128 : std::abs(static_cast<double>(float_of(away)));
  const double to_inner = std::abs(static_cast<double>(x)) - inner;
  const double to_outer = outer - std::abs(static_cast<double>(x));
  if (to_inner == to_outer) return toward_zero % 2 == 0 ? toward_zero : away;
  return to_inner < to_outer ? toward_zero : away;
}

inline Values rounded_to_bfloat16(const Values& values) {
  Values out;
  for (const float value : values) out.push_back(float_of(nearest_bfloat16(value)));
  return out;
}

}  // namespace heed
