#include "weight_blocks.h"

#include <algorithm>
#include <limits>

#include "heed/products/quantized.h"
#include "int8_terms.h"
#include "products.h"
#include "rounding.h"
#include "targets.h"

namespace heed {
namespace {

constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();
// Sizes of weights around the blocks of all packings.
const std::vector<int> kWeightSizes = {1, 3, 17, 64, 65, 130};

class WeightBlocks : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, WeightBlocks, testing::ValuesIn(kernel_targets()), target_name);

// Blocks of 16 pairs of inputs: of 32 inputs.
TEST(Bfloat16Blocks, HoldEveryWeightAtItsPlace) {
  if (!is_native(Precision::kBfloat16)) GTEST_SKIP() << "this processor has no AVX-512 BF16";
  for (const int in : kWeightSizes) {
    for (const int out : kWeightSizes) {
      Values w = random_values(std::int64_t{in} * out, 3);  // [in, out]
      const int in_blocks = (in + 31) / 32;
      std::vector<std::uint16_t> expected(static_cast<std::size_t>(in_blocks) * 32 * ((out + 63) / 64) * 64, 0);
      ASSERT_EQ(expected.size() * sizeof(std::uint16_t), bfloat16_bytes(in, out));
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

// Half a step, and what float32 adds to it.
double half_step(float scale) { return 0.50005 * static_cast<double>(scale); }

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

TEST_P(WeightBlocks, Int8WeightsAreTheNearestStepsOfTheirOutputs) {
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

TEST_P(WeightBlocks, Int8BlocksHoldEveryWeightAtItsPlace) {
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
      ASSERT_EQ(packed.blocks.size(), int8_bytes(in, out));
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

TEST_P(WeightBlocks, RowsOfAQuantizedTableAreTheirNearestSteps) {
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

TEST_P(WeightBlocks, WeightsThatAreNotFiniteMakeTheirColumnNone) {
  for (const float bad : {kNotANumber, std::numeric_limits<float>::infinity()}) {
    Values weights = random_values(5 * 3, 40);
    weights[3 * 3 + 1] = bad;
    QuantizedStorage storage;
    const QuantizedWeights out = quantize_weights(matrix(weights, 5, 3), storage);
    EXPECT_TRUE(std::isnan(out.scale[1]));
    EXPECT_TRUE(std::isfinite(out.scale[0]) && std::isfinite(out.scale[2]));
  }
}

}  // namespace
}  // namespace heed
