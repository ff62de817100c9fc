#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "heed/base/rng.h"
#include "heed/tensor/tensor.h"

namespace heed {

/// Arrays of exactly their size, so that the address sanitizer sees a kernel that reads or writes too far.
using Values = std::vector<float>;

/// Lengths around the vectors of every processor.
inline const std::vector<int> kLengths = {1, 3, 15, 16, 17, 33};

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// What a kernel must survive.
inline const Values kExtremes = {0.0F,   -0.0F,  1e4F,    -1e4F, 1e-40F, -1e-40F, 88.0F,
                                 -88.0F, 104.0F, -104.0F, 1e-8F, 9.0F,   -9.0F};

/// Normal values times `scale`. Those of a seed are drawn once: a test asks for them again and again, and drawing them
/// was most of what the tests of products did under a sanitizer.
inline Values random_values(std::int64_t count, std::uint64_t seed, double scale = 1) {
  struct Drawn {
    Rng rng;
    std::vector<double> values;
  };
  thread_local std::map<std::uint64_t, Drawn> all;
  Drawn& drawn = all.try_emplace(seed, Drawn{Rng::stream(seed, 0x7E57), {}}).first->second;
  const auto size = static_cast<std::size_t>(count);
  while (drawn.values.size() < size) drawn.values.push_back(drawn.rng.normal());
  Values out(size);
  const double* value = drawn.values.data();
  for (float& each : out) each = static_cast<float>(*value++ * scale);
  return out;
}

inline Tensor matrix(Values& values, std::int64_t rows, std::int64_t columns) {
  EXPECT_EQ(static_cast<std::int64_t>(values.size()), rows * columns);
  return {values.data(), rows, columns};
}

/// |actual - expected| <= tolerance * max(1, |expected|)
inline void expect_close(float actual, double expected, double tolerance, const char* what, std::int64_t at) {
  EXPECT_NEAR(static_cast<double>(actual), expected, tolerance * std::max(1.0, std::abs(expected)))
      << what << " " << at;
}

}  // namespace heed
