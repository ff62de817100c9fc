#include "heed/kernels/conversions.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "heed/kernels/instruction_set.h"
#include "rounding.h"
#include "targets.h"

namespace heed {
namespace {

constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();
constexpr float kLargest = std::numeric_limits<float>::max();

class Conversions : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, Conversions, testing::ValuesIn(kernel_targets()), target_name);

// ---- bfloat16 ---------------------------------------------------------------------------------------------

void expect_nearest(const Values& x) {
  const auto n = static_cast<std::int64_t>(x.size());
  std::vector<std::uint16_t> narrow(x.size(), 0xABCD);
  Values rounded(x.size(), 7.0F);
  to_bfloat16(x.data(), narrow.data(), n);
  round_to_bfloat16(x.data(), rounded.data(), n);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i])) {
      ASSERT_TRUE(std::isnan(float_of(narrow[i]))) << i << " of " << n;
      ASSERT_TRUE(std::isnan(rounded[i])) << i << " of " << n;
    } else {
      ASSERT_EQ(narrow[i], nearest_bfloat16(x[i])) << x[i] << ", " << i << " of " << n;
    }
    ASSERT_EQ(std::bit_cast<std::uint32_t>(rounded[i]), std::uint32_t{narrow[i]} << 16) << x[i];
  }
}

TEST_P(Conversions, EveryBfloat16AndWhatLiesAboveItIsRoundedToTheNearest) {
  Values x;
  for (std::uint32_t upper = 0; upper < 0x10000; ++upper) {
    for (const std::uint32_t lower : {0x0000U, 0x0001U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU}) {
      x.push_back(std::bit_cast<float>(upper << 16 | lower));
    }
  }
  expect_nearest(x);
}

TEST_P(Conversions, RoundingOfEveryLength) {
  for (const int n : kLengths) expect_nearest(random_values(n, 1));
  for (int n = 1; n <= 70; ++n) expect_nearest(random_values(n, 2, 1e-3));
}

// The examples one would look up; the loop above might share a mistake with its reference.
TEST_P(Conversions, RoundingKeepsWhatIsSpecial) {
  expect_nearest(kExtremes);
  const Values x = {0.0F,      -0.0F,     kInfinity,    -kInfinity, kLargest,   -kLargest,   1e-40F,    1.0F,
                    0x1.01p0F, 0x1.03p0F, 0x1.03p-130F, 0x1.02p0F,  0x1.018p0F, 0x1.00ffp0F, -0x1.01p0F};
  const std::vector<std::uint16_t> expected = {0x0000, 0x8000, 0x7F80, 0xFF80, 0x7F80, 0xFF80, 0x0001, 0x3F80,
                                               0x3F80, 0x3F82, 0x0008, 0x3F81, 0x3F81, 0x3F80, 0xBF80};
  std::vector<std::uint16_t> narrow(x.size());
  to_bfloat16(x.data(), narrow.data(), static_cast<std::int64_t>(x.size()));
  EXPECT_EQ(narrow, expected);
}

// ---- int8 -------------------------------------------------------------------------------------------------

// Half a step, and what float32 adds to it.
double half_step(float scale) { return 0.50005 * static_cast<double>(scale); }

struct Row {
  Values q;
  float scale;
};

Row quantized(const Values& x) {
  std::vector<std::uint8_t> bytes(x.size(), 7);
  Row out{Values(x.size()), quantize_row(x.data(), bytes.data(), static_cast<std::int64_t>(x.size()))};
  for (std::size_t i = 0; i < x.size(); ++i) out.q[i] = static_cast<float>(bytes[i]) - 128.0F;
  return out;
}

void expect_nearest_steps(const Values& x) {
  const Row row = quantized(x);
  const float largest = std::abs(*std::ranges::max_element(x, {}, [](float value) { return std::abs(value); }));
  EXPECT_FLOAT_EQ(row.scale, largest / 127.0F);
  for (std::size_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(row.q[i], std::nearbyint(row.q[i]));
    ASSERT_LE(std::abs(row.q[i]), 127.0F);
    ASSERT_LE(std::abs(static_cast<double>(x[i]) - static_cast<double>(row.scale) * static_cast<double>(row.q[i])),
              half_step(row.scale))
        << x[i] << ", " << i << " of " << x.size();
    if (std::abs(x[i]) == largest) {
      ASSERT_EQ(row.q[i], std::copysign(127.0F, x[i]));
    }
  }
}

TEST_P(Conversions, QuantizedRowsAreTheNearestStepsOfTheirLargest) {
  for (int n = 1; n <= 70; ++n) {
    for (const double scale : {1.0, 1e-6, 1e-27, 1e30}) expect_nearest_steps(random_values(n, 4, scale));
  }
  expect_nearest_steps(random_values(1030, 5));
  expect_nearest_steps(kExtremes);
  expect_nearest_steps({kLargest, -kLargest, 1.0F, kLargest / 2});
}

TEST_P(Conversions, TheLargestOfARowMayStandAnywhere) {
  for (std::size_t at = 0; at < 33; ++at) {
    for (const float largest : {100.0F, -100.0F}) {
      Values x = random_values(33, 6);
      x[at] = largest;
      expect_nearest_steps(x);
    }
  }
}

TEST_P(Conversions, RowsOfZerosHaveScaleZero) {
  for (const int n : kLengths) {
    for (const float zero : {0.0F, -0.0F}) {
      const Row row = quantized(Values(static_cast<std::size_t>(n), zero));
      EXPECT_EQ(row.scale, 0.0F);
      EXPECT_EQ(row.q, Values(row.q.size(), 0.0F));
    }
  }
}

TEST_P(Conversions, RowsOfTinyNumbersStayTiny) {
  for (const float tiny : {1e-45F, 1e-40F, 1.2e-38F, 1e-36F, 1e-31F, 0.99e-30F, 1.01e-30F}) {
    const Values x = {tiny, -tiny, 0.0F, tiny / 3, -tiny / 2};
    const Row row = quantized(x);
    ASSERT_TRUE(std::isfinite(row.scale)) << tiny;
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_LE(std::abs(row.q[i]), 127.0F) << tiny;
      ASSERT_NEAR(static_cast<double>(row.scale) * static_cast<double>(row.q[i]), static_cast<double>(x[i]), 1e-30);
    }
  }
}

TEST_P(Conversions, WhatIsNotFiniteMakesTheScaleNotANumber) {
  for (const int n : kLengths) {
    for (const float wrong : {kNotANumber, -kNotANumber, kInfinity, -kInfinity}) {
      for (int at = 0; at < n; ++at) {
        Values x = random_values(n, 7);
        x[at] = wrong;
        ASSERT_TRUE(std::isnan(quantized(x).scale)) << wrong << " at " << at << " of " << n;
      }
    }
  }
}

// ---- Back to float32 --------------------------------------------------------------------------------------

std::vector<std::int32_t> random_wholes(int count, std::uint64_t seed, double scale) {
  std::vector<std::int32_t> out;
  for (const float value : random_values(count, seed)) {
    out.push_back(static_cast<std::int32_t>(std::clamp(static_cast<double>(value) / 4, -1.0, 1.0) * scale));
  }
  return out;
}

TEST_P(Conversions, DequantizedRows) {
  for (int n = 1; n <= 70; ++n) {
    for (const bool add : {false, true}) {
      const std::vector<std::int32_t> whole = random_wholes(n, 10, 0xFFFFFF);  // all below 2^24
      const std::vector<std::int32_t> sum = random_wholes(n, 11, 1 << 29);
      const Values scale = random_values(n, 12, 0.01);
      const Values start = random_values(n, 13, 100);
      std::vector<std::int32_t> products;
      for (int i = 0; i < n; ++i) products.push_back(whole[i] + sum[i]);
      Values y = add ? start : Values(start.size(), kNotANumber);
      const Dequantize how{products.data(), scale.data(), sum.data(), 0.03F};
      dequantize_row({&how, 1}, add, y.data(), n);
      for (int i = 0; i < n; ++i) {
        const double term = whole[i] * static_cast<double>(scale[i]) * static_cast<double>(0.03F);
        const double before = add ? static_cast<double>(start[i]) : 0.0;
        ASSERT_NEAR(static_cast<double>(y[i]), before + term, 3e-7 * (std::abs(before) + std::abs(term)))
            << i << " of " << n;
      }
    }
  }
}

// One pass for several parts is one pass for each, to the bit.
TEST_P(Conversions, PartsOfASumAreDequantizedTogether) {
  for (const int n : kLengths) {
    const Values scale = random_values(n, 20, 0.01);
    std::vector<std::vector<std::int32_t>> products;
    for (int p = 0; p < 5; ++p) products.push_back(random_wholes(n, 21 + p, 1 << 20));
    const std::vector<std::int32_t> sum = random_wholes(n, 30, 1 << 20);
    std::vector<Dequantize> parts;
    for (int p = 0; p < 5; ++p) {
      parts.push_back({products[p].data(), scale.data(), sum.data(), 0.1F + static_cast<float>(p)});
      for (const bool add : {false, true}) {
        Values together = random_values(n, 31);
        Values one_by_one = together;
        dequantize_row(parts, add, together.data(), n);
        for (std::size_t i = 0; i < parts.size(); ++i) {
          dequantize_row({&parts[i], 1}, add || i > 0, one_by_one.data(), n);
        }
        EXPECT_EQ(together, one_by_one) << parts.size() << " parts of " << n;
      }
    }
  }
}

// The processor's own conversion is the same, but for denormals, which it takes for 0.
TEST(NativeBfloat16, IsThatOfIntegers) {
  if (!has_instructions(Instructions::kAvx512Bfloat16)) GTEST_SKIP() << "this processor has no bfloat16";
  for (int n = 1; n <= 70; ++n) {
    Values x = random_values(n, 41, 1e3);
    x[static_cast<std::size_t>(n) / 2] = kExtremes[static_cast<std::size_t>(n) % kExtremes.size()];
    for (float& value : x) {
      if (std::abs(value) < std::numeric_limits<float>::min()) value = 0;
    }
    std::vector<std::uint16_t> expected(x.size());
    std::vector<std::uint16_t> actual(x.size());
    to_bfloat16(x.data(), expected.data(), n);
    to_bfloat16_natively(x.data(), actual.data(), n);
    EXPECT_EQ(actual, expected) << n;
  }
}

TEST_P(Conversions, BytesTimesTheirFactor) {
  for (int n = 1; n <= 70; ++n) {
    std::vector<std::int8_t> q;
    for (int i = 0; i < n; ++i) q.push_back(static_cast<std::int8_t>(i * 37 % 255 - 127));
    Values y(static_cast<std::size_t>(n), kNotANumber);
    dequantize_bytes(q.data(), 0.03F, y.data(), n);
    for (int i = 0; i < n; ++i) EXPECT_EQ(y[i], 0.03F * static_cast<float>(q[i])) << i << " of " << n;
  }
}

TEST_P(Conversions, ARowScaleThatIsNotANumberMakesItsRowNone) {
  for (const int n : kLengths) {
    const std::vector<std::int32_t> products(static_cast<std::size_t>(n), 0);
    const Values zeros(products.size(), 0.0F);
    for (const bool add : {false, true}) {
      Values y(products.size(), 1.0F);
      const Dequantize how{products.data(), zeros.data(), products.data(), kNotANumber};
      dequantize_row({&how, 1}, add, y.data(), n);
      for (int i = 0; i < n; ++i) EXPECT_TRUE(std::isnan(y[i]));
    }
  }
}

}  // namespace
}  // namespace heed
