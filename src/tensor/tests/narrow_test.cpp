#include "kernels/narrow.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "heed/tensor/precision.h"
#include "heed/tensor/quantized.h"
#include "kernels/native_bfloat16.h"
#include "kernels/product.h"
#include "products.h"
#include "rounding.h"
#include "targets.h"

namespace heed {
namespace {

constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();
constexpr float kLargest = std::numeric_limits<float>::max();
// Sizes of weights around the blocks of all packings.
const std::vector<int> kWeightSizes = {1, 3, 17, 64, 65, 130};

class Narrow : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, Narrow, testing::ValuesIn(kernel_targets()), target_name);

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

TEST_P(Narrow, EveryBfloat16AndWhatLiesAboveItIsRoundedToTheNearest) {
  Values x;
  for (std::uint32_t upper = 0; upper < 0x10000; ++upper) {
    for (const std::uint32_t lower : {0x0000U, 0x0001U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU}) {
      x.push_back(std::bit_cast<float>(upper << 16 | lower));
    }
  }
  expect_nearest(x);
}

TEST_P(Narrow, RoundingOfEveryLength) {
  for (const int n : kLengths) expect_nearest(random_values(n, 1));
  for (int n = 1; n <= 70; ++n) expect_nearest(random_values(n, 2, 1e-3));
}

// The examples one would look up; the loop above might share a mistake with its reference.
TEST_P(Narrow, RoundingKeepsWhatIsSpecial) {
  expect_nearest(kExtremes);
  const Values x = {0.0F,      -0.0F,     kInfinity,    -kInfinity, kLargest,   -kLargest,   1e-40F,    1.0F,
                    0x1.01p0F, 0x1.03p0F, 0x1.03p-130F, 0x1.02p0F,  0x1.018p0F, 0x1.00ffp0F, -0x1.01p0F};
  const std::vector<std::uint16_t> expected = {0x0000, 0x8000, 0x7F80, 0xFF80, 0x7F80, 0xFF80, 0x0001, 0x3F80,
                                               0x3F80, 0x3F82, 0x0008, 0x3F81, 0x3F81, 0x3F80, 0xBF80};
  std::vector<std::uint16_t> narrow(x.size());
  to_bfloat16(x.data(), narrow.data(), static_cast<std::int64_t>(x.size()));
  EXPECT_EQ(narrow, expected);
}

// Blocks of 16 pairs of inputs: of 32 inputs.
TEST_P(Narrow, Bfloat16BlocksHoldEveryWeightAtItsPlace) {
  for (const int in : kWeightSizes) {
    for (const int out : kWeightSizes) {
      Values w = random_values(std::int64_t{in} * out, 3);  // [in, out]
      const int in_blocks = (in + 31) / 32;
      std::vector<std::uint16_t> expected(static_cast<std::size_t>(in_blocks) * 32 * ((out + 63) / 64) * 64, 0);
      ASSERT_EQ(expected.size() * sizeof(std::uint16_t),
                weights_layout(in, out, Precision::kBfloat16, Layout::kPacked).get_size());
      for (int k = 0; k < in; ++k) {
        for (int n = 0; n < out; ++n) {
          const int block = n / 64 * in_blocks + k / 32;
          expected[block * 32 * 64 + k % 32 / 2 * 128 + n % 64 * 2 + k % 2] = nearest_bfloat16(w[k * out + n]);
        }
      }
      std::vector<std::uint16_t> blocks(expected.size(), 0xABCD);
      pack_bfloat16(matrix(w, in, out), false, blocks.data());
      ASSERT_EQ(blocks, expected) << in << " x " << out;
      std::ranges::fill(blocks, std::uint16_t{0xABCD});
      Values transposed = transpose(w, in, out);
      pack_bfloat16(matrix(transposed, out, in), true, blocks.data());
      ASSERT_EQ(blocks, expected) << in << " x " << out << " transposed";
    }
  }
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

TEST_P(Narrow, QuantizedRowsAreTheNearestStepsOfTheirLargest) {
  for (int n = 1; n <= 70; ++n) {
    for (const double scale : {1.0, 1e-6, 1e-27, 1e30}) expect_nearest_steps(random_values(n, 4, scale));
  }
  expect_nearest_steps(random_values(1030, 5));
  expect_nearest_steps(kExtremes);
  expect_nearest_steps({kLargest, -kLargest, 1.0F, kLargest / 2});
}

TEST_P(Narrow, TheLargestOfARowMayStandAnywhere) {
  for (std::size_t at = 0; at < 33; ++at) {
    for (const float largest : {100.0F, -100.0F}) {
      Values x = random_values(33, 6);
      x[at] = largest;
      expect_nearest_steps(x);
    }
  }
}

TEST_P(Narrow, RowsOfZerosHaveScaleZero) {
  for (const int n : kLengths) {
    for (const float zero : {0.0F, -0.0F}) {
      const Row row = quantized(Values(static_cast<std::size_t>(n), zero));
      EXPECT_EQ(row.scale, 0.0F);
      EXPECT_EQ(row.q, Values(row.q.size(), 0.0F));
    }
  }
}

TEST_P(Narrow, RowsOfTinyNumbersStayTiny) {
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

TEST_P(Narrow, WhatIsNotFiniteMakesTheScaleNotANumber) {
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

// What pack_int8 makes, from memory that holds something else.
struct Packed {
  Packed(Values& w, int in, int out)
      : blocks(static_cast<std::size_t>((in + 63) / 64) * 64 * ((out + 63) / 64) * 64, 99),
        scale(static_cast<std::size_t>(out), -1.0F),
        sum(static_cast<std::size_t>(out), 99) {
    pack_int8(matrix(w, in, out), {blocks.data(), scale.data(), sum.data()});
    q = whole_numbers(blocks, in, out);
  }
  std::vector<std::int8_t> blocks;
  Values scale;
  std::vector<std::int32_t> sum;
  Values q;
};

TEST_P(Narrow, Int8WeightsAreTheNearestStepsOfTheirOutputs) {
  for (const int in : kWeightSizes) {
    for (const int out : kWeightSizes) {
      Values w = random_values(std::int64_t{in} * out, 8);
      for (int k = 0; k < in; ++k) w[k * out + out / 2] = 0;  // an output that hears nothing
      for (int k = 0; k < in; ++k) w[k * out] *= 1e-37F;      // one that all but hears nothing
      const Packed packed(w, in, out);
      for (int n = 0; n < out; ++n) {
        float largest = 0;
        for (int k = 0; k < in; ++k) largest = std::max(largest, std::abs(w[k * out + n]));
        const bool tiny = largest < 1e-30F;
        const float scale = packed.scale[n];
        ASSERT_FLOAT_EQ(scale, tiny ? 0.0F : largest / 127.0F) << in << " x " << out << " at " << n;
        for (int k = 0; k < in; ++k) {
          const float q = packed.q[k * out + n];
          ASSERT_LE(std::abs(q), tiny ? 0.0F : 127.0F);
          ASSERT_NEAR(static_cast<double>(scale) * static_cast<double>(q), static_cast<double>(w[k * out + n]),
                      half_step(scale) + 1e-30)
              << in << " x " << out << " at " << k << ", " << n;
        }
      }
    }
  }
}

TEST_P(Narrow, Int8BlocksHoldEveryWeightAtItsPlace) {
  for (const int in : kWeightSizes) {
    for (const int out : kWeightSizes) {
      // Whole numbers of which every output has a 127: scales are 1, and these are the q.
      Values w;
      for (const float value : random_values(std::int64_t{in} * out, 9, 40)) {
        w.push_back(std::clamp(std::nearbyint(value), -127.0F, 127.0F));
      }
      for (int n = 0; n < out; ++n) w[n % in * out + n] = n % 2 == 0 ? 127.0F : -127.0F;
      const int in_blocks = (in + 63) / 64;
      const Packed packed(w, in, out);
      ASSERT_EQ(packed.blocks.size(), weights_layout(in, out, Precision::kInt8, Layout::kPacked).get_size());
      std::vector<std::int8_t> expected(packed.blocks.size(), 0);
      std::vector<std::int32_t> expected_sum(static_cast<std::size_t>(out), 0);
      for (int k = 0; k < in; ++k) {
        for (int n = 0; n < out; ++n) {
          const int block = n / 64 * in_blocks + k / 64;
          const auto whole = static_cast<std::int8_t>(w[k * out + n]);
          expected[block * 64 * 64 + k % 64 / 4 * 256 + n % 64 * 4 + k % 4] = whole;
          expected_sum[n] += 128 * whole;
        }
      }
      ASSERT_EQ(packed.blocks, expected) << in << " x " << out;
      ASSERT_EQ(packed.sum, expected_sum) << in << " x " << out;
      ASSERT_EQ(packed.scale, Values(packed.scale.size(), 1.0F)) << in << " x " << out;
      ASSERT_EQ(packed.q, w) << in << " x " << out;
    }
  }
}

TEST_P(Narrow, RowsOfAQuantizedTableAreTheirNearestSteps) {
  for (const int columns : kWeightSizes) {
    Values x = random_values(std::int64_t{5} * columns, 14);
    std::fill_n(x.begin() + columns, columns, 0.0F);
    QuantizedStorage storage;
    const QuantizedTable table = quantize_table(matrix(x, 5, columns), storage);
    for (int r = 0; r < 5; ++r) {
      Values row(static_cast<std::size_t>(columns), kNotANumber);
      table.read(r, row.data());
      for (int c = 0; c < columns; ++c) {
        ASSERT_NEAR(static_cast<double>(row[c]), static_cast<double>(x[r * columns + c]), half_step(table.scale[r]))
            << r << ", " << c << " of " << columns;
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

TEST_P(Narrow, DequantizedRows) {
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
TEST_P(Narrow, PartsOfASumAreDequantizedTogether) {
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
  if (!is_native(Precision::kBfloat16)) GTEST_SKIP() << "this processor has no bfloat16";
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

TEST_P(Narrow, BytesTimesTheirFactor) {
  for (int n = 1; n <= 70; ++n) {
    std::vector<std::int8_t> q;
    for (int i = 0; i < n; ++i) q.push_back(static_cast<std::int8_t>(i * 37 % 255 - 127));
    Values y(static_cast<std::size_t>(n), kNotANumber);
    dequantize_bytes(q.data(), 0.03F, y.data(), n);
    for (int i = 0; i < n; ++i) EXPECT_EQ(y[i], 0.03F * static_cast<float>(q[i])) << i << " of " << n;
  }
}

TEST_P(Narrow, WeightsThatAreNotFiniteMakeTheirColumnNone) {
  for (const float bad : {kNotANumber, std::numeric_limits<float>::infinity()}) {
    Values weights = random_values(5 * 3, 40);
    weights[3 * 3 + 1] = bad;
    QuantizedStorage storage;
    const QuantizedWeights out = quantize_weights(matrix(weights, 5, 3), storage);
    EXPECT_TRUE(std::isnan(out.scale[1]));
    EXPECT_TRUE(std::isfinite(out.scale[0]) && std::isfinite(out.scale[2]));
  }
}

TEST_P(Narrow, ARowScaleThatIsNotANumberMakesItsRowNone) {
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
