#include <algorithm>
#include <cstdlib>
#include <string>

#include "heed/base/error.h"
#include "heed/kernels/conversions.h"
#include "heed/kernels/instruction_set.h"
#include "heed/tensor/worker_pool.h"
#include "hwy/detect_compiler_arch.h"
#include "products.h"
#include "rounding.h"

// Products of narrow numbers, and gradients: against sums in double of the same rounded operands.
namespace heed {
namespace {

const std::vector<int> kNarrowRows = {1, 3, 17, 64, 65, 200, 300};
const std::vector<int> kNarrowSizes = {1, 3, 17, 48, 65, 130};
const std::vector<Precision> kNarrow = {Precision::kBfloat16, Precision::kInt8};
const std::vector<Precision> kAll = {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8};

class MatmulPrecision : public testing::Test {
 protected:
};

PackedWeights packed_as(Precision precision, Values& w, int in, int out, bool transposed = false) {
  PackedWeights weights;
  weights.pack(transposed ? matrix(w, out, in) : matrix(w, in, out), transposed, precision);
  return weights;
}

Values product(Values& x, const PackedWeights& weights, int rows) {
  Values y(static_cast<std::size_t>(rows * weights.out()), NAN);
  matmul(matrix(x, rows, weights.in()), weights, matrix(y, rows, weights.out()), Accumulate::kNo);
  return y;
}

// Products in double, and the sums of their terms' magnitudes, to which errors of rounding are in proportion.
struct Sums {
  std::vector<double> values;
  std::vector<double> magnitudes;
};

// x [rows, in] w [in, out]
Sums sums_of(const Values& x, const Values& w, int rows, int in, int out) {
  const auto size = static_cast<std::size_t>(rows) * out;
  Sums sums{std::vector<double>(size), std::vector<double>(size)};
  for (int r = 0; r < rows; ++r) {
    for (int k = 0; k < in; ++k) {
      for (int c = 0; c < out; ++c) {
        const double term = static_cast<double>(x[r * in + k]) * static_cast<double>(w[k * out + c]);
        sums.values[r * out + c] += term;
        sums.magnitudes[r * out + c] += std::abs(term);
      }
    }
  }
  return sums;
}

void expect_sums(const Values& y, const Sums& sums, const Values& start, double tolerance, const std::string& what) {
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double before = start.empty() ? 0.0 : static_cast<double>(start[i]);
    ASSERT_NEAR(static_cast<double>(y[i]), before + sums.values[i],
                tolerance * (sums.magnitudes[i] + std::abs(before)) + 1e-30)
        << what << (start.empty() ? "" : ", added") << " at " << i;
  }
}

void expect_narrow_product(Values& x, const PackedWeights& weights, const Sums& sums, int rows, double tolerance) {
  const std::string what = name_of(weights.precision()) + " " + std::to_string(rows) + " x " +
                           std::to_string(weights.in()) + " x " + std::to_string(weights.out());
  expect_sums(product(x, weights, rows), sums, {}, tolerance, what);
  const Values start = random_values(rows * weights.out(), 3);
  Values y = start;
  matmul(matrix(x, rows, weights.in()), weights, matrix(y, rows, weights.out()), Accumulate::kYes);
  expect_sums(y, sums, start, tolerance, what);
}

// Calls body(rows, in, out) for all awkward sizes, save those whose sums in double would take long.
template <typename Body>
void each_size(Body&& body) {
  for (const int in : kNarrowSizes) {
    for (const int out : kNarrowSizes) {
      for (const int rows : kNarrowRows) {
        if (rows <= 65 || in * out <= 48 * 65) body(rows, in, out);
        if (testing::Test::HasFatalFailure()) return;  // one wrong size says enough
      }
    }
  }
}

TEST_F(MatmulPrecision, Bfloat16IsTheProductOfRoundedNumbers) {
  each_size([](int rows, int in, int out) {
    Values w = random_values(std::int64_t{in} * out, 1);
    Values x = random_values(std::int64_t{rows} * in, 2);
    const Sums sums = sums_of(rounded_to_bfloat16(x), rounded_to_bfloat16(w), rows, in, out);
    expect_narrow_product(x, packed_as(Precision::kBfloat16, w, in, out), sums, rows, 1e-6);
    Values transposed = transpose(w, in, out);
    expect_narrow_product(x, packed_as(Precision::kBfloat16, transposed, in, out, true), sums, rows, 1e-6);
  });
}

// Whole-number sums are exact; what remains is the rounding of two scales, of the factor and of the sum itself.
TEST_F(MatmulPrecision, Int8IsTheProductOfWholeNumbersAndScales) {
  each_size([](int rows, int in, int out) {
    Values w = random_values(std::int64_t{in} * out, 1);
    Values x = random_values(std::int64_t{rows} * in, 2);
    QuantizedStorage storage;
    const QuantizedWeights weights = quantize_weights(matrix(w, in, out), storage);
    const Values whole_w = whole_numbers(weights.blocks, in, out);
    std::vector<std::uint8_t> bytes(x.size());
    Values row_scale;
    for (int r = 0; r < rows; ++r) {
      row_scale.push_back(quantize_row(x.data() + r * in, bytes.data() + r * in, in));
    }
    Values whole_x(x.size());
    std::ranges::transform(bytes, whole_x.begin(), [](std::uint8_t byte) { return static_cast<float>(byte) - 128.0F; });
    Sums sums = sums_of(whole_x, whole_w, rows, in, out);
    for (std::size_t i = 0; i < sums.values.size(); ++i) {
      sums.values[i] *= static_cast<double>(row_scale[i / out]) * static_cast<double>(weights.scale[i % out]);
      sums.magnitudes[i] = std::abs(sums.values[i]);  // not of the terms
    }
    const PackedWeights packed = packed_as(Precision::kInt8, w, in, out);
    expect_narrow_product(x, packed, sums, rows, 4e-7);
    PackedWeights where_they_lie;
    where_they_lie.refer(weights);
    EXPECT_EQ(product(x, where_they_lie, rows), product(x, packed, rows));
  });
}

// Instructions that add pairs in 16 bits would saturate here.
TEST_F(MatmulPrecision, WholeNumbersAtTheirLimitsDoNotSaturate) {
  for (const auto& [in, out] : std::vector<std::pair<int, int>>{{2, 3}, {64, 65}, {130, 17}, {1030, 5}}) {
    for (const float sign : {1.0F, -1.0F}) {
      Values w(static_cast<std::size_t>(in * out), sign);
      for (const int rows : {1, 9, 65}) {
        Values x(static_cast<std::size_t>(rows * in), 1.0F);
        for (const float value : product(x, packed_as(Precision::kInt8, w, in, out), rows)) {
          ASSERT_NEAR(value, sign * static_cast<float>(in), 4e-7F * static_cast<float>(in)) << in << " x " << out;
        }
      }
    }
  }
}

TEST_F(MatmulPrecision, NarrowNumbersStayNearFloat32) {
  for (const auto& [in, out] : kShapes) {
    Values w = random_values(std::int64_t{in} * out, 4);
    Values x = random_values(std::int64_t{65} * in, 5);
    const Values exact = product(x, packed_as(Precision::kFloat32, w, in, out), 65);
    for (const Precision precision : kNarrow) {
      const Values near = product(x, packed_as(precision, w, in, out), 65);
      double difference = 0;
      double norm = 0;
      for (std::size_t i = 0; i < exact.size(); ++i) {
        difference += std::pow(static_cast<double>(near[i] - exact[i]), 2);
        norm += std::pow(static_cast<double>(exact[i]), 2);
      }
      EXPECT_LT(std::sqrt(difference / norm), precision == Precision::kInt8 ? 0.02 : 0.005)
          << name_of(precision) << " " << in << " x " << out;
      if (in > 1) {
        EXPECT_NE(near, exact) << name_of(precision) << " is not rounded";
      }
    }
  }
}

// The shapes that differ most: this runs once for each limit below.
TEST_F(MatmulPrecision, ARowDoesNotDependOnHowManyThereAre) {
  for (const auto& [in, out] : std::vector<std::pair<int, int>>{{1, 1}, {48, 65}, {17, 130}, {300, 500}}) {
    Values w = random_values(std::int64_t{in} * out, 10);
    for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes}) {
      for (const Precision precision : kNarrow) check_rows(packed_as(precision, w, in, out), in, out, accumulate);
    }
    check_rows(packed_as(Precision::kBfloat16, w, in, out, true), in, out, Accumulate::kYes);
  }
}

TEST_F(MatmulPrecision, WhatIsNotANumberStaysInItsRow) {
  constexpr int kIn = 65;
  constexpr int kOut = 130;
  Values w = random_values(kIn * kOut, 6);
  for (int k = 0; k < kIn; ++k) w[k * kOut + 3] = 0;
  for (const Precision precision : kAll) {
    const PackedWeights weights = packed_as(precision, w, kIn, kOut);
    for (const int rows : {1, 3, 17, 65, 300}) {
      Values x = random_values(std::int64_t{rows} * kIn, 7);
      const Values start = random_values(std::int64_t{rows} * kOut, 8);
      for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes}) {
        Values sound = start;
        matmul(matrix(x, rows, kIn), weights, matrix(sound, rows, kOut), accumulate);
        for (const int wrong : {0, rows / 2, rows - 1}) {
          Values spoilt = x;
          spoilt[wrong * kIn + wrong % kIn] = NAN;
          Values y = start;
          matmul(matrix(spoilt, rows, kIn), weights, matrix(y, rows, kOut), accumulate);
          for (std::size_t i = 0; i < y.size(); ++i) {
            if (static_cast<int>(i) / kOut == wrong) {
              ASSERT_TRUE(std::isnan(y[i])) << name_of(precision) << ", row " << wrong << " of " << rows;
            } else {
              ASSERT_EQ(y[i], sound[i]) << name_of(precision) << " at " << i << ", row " << wrong << " of " << rows;
            }
          }
        }
      }
    }
  }
}

TEST_F(MatmulPrecision, PackingAgainInAnotherPrecision) {
  constexpr int kIn = 48;
  constexpr int kOut = 65;
  PackedWeights weights;
  Values x = random_values(17 * kIn, 8);
  std::uint64_t seed = 100;
  for (const Precision before : kAll) {
    for (const Precision after : kAll) {
      for (const Precision precision : {before, after}) {
        Values w = random_values(kIn * kOut, ++seed);
        weights.pack(matrix(w, kIn, kOut), false, precision);
        EXPECT_EQ(weights.precision(), precision);
        const PackedWeights fresh = packed_as(precision, w, kIn, kOut);
        EXPECT_EQ(weights.bytes(), fresh.bytes());
        EXPECT_EQ(product(x, weights, 17), product(x, fresh, 17)) << name_of(before) << " to " << name_of(after);
      }
    }
  }
}

TEST_F(MatmulPrecision, TransposedInt8IsRefusedAndLeavesWhatIsPacked) {
  Values w = random_values(17 * 65, 9);
  Values x = random_values(3 * 17, 10);
  PackedWeights weights;
  const auto pack = [&] { weights.pack(matrix(w, 17, 65), true, Precision::kInt8); };
  EXPECT_THROW(pack(), Error);
  EXPECT_TRUE(weights.empty());
  weights = packed_as(Precision::kInt8, w, 17, 65);
  const Values before = product(x, weights, 3);
  EXPECT_THROW(pack(), Error);
  EXPECT_EQ(product(x, weights, 3), before);
}

// ---- Gradients --------------------------------------------------------------------------------------------

// Rows [first, first + count) of x and of dy.
struct Range {
  int first, count;
};

// How the rows of a gradient are cut: parts without rows stand first, in between and last.
std::vector<Range> cut(int rows) {
  std::vector<Range> out = {{0, 0}};
  int first = 0;
  for (const int count : {rows / 3, 0, 1, rows - rows / 3 - 1, 0, 0}) {
    out.push_back({first, count});
    first += count;
  }
  return out;
}

enum class Lies { kInOne, kReversed, kOnItsOwn };

// Parts as they lie on one side: views of one matrix, or matrices of their own.
class Side {
 public:
  Side(const Values& values, int columns, const std::vector<Range>& parts, Lies lies) : values_(values) {
    for (const auto& [first, count] : parts) {
      const auto begin = values.begin() + std::ptrdiff_t{first} * columns;
      own_.emplace_back(begin, begin + std::ptrdiff_t{count} * columns);
      float* in_one = values_.data() + std::ptrdiff_t{first} * columns;
      tensors_.push_back({lies == Lies::kOnItsOwn ? own_.back().data() : in_one, count, columns});
    }
    if (lies == Lies::kReversed) std::ranges::reverse(tensors_);
  }
  Tensor operator[](std::size_t part) const { return tensors_[part]; }

 private:
  Values values_;
  std::vector<Values> own_;
  std::vector<Tensor> tensors_;
};

struct Numbers {
  Precision precision;
  double tolerance;
};

void check_narrow_gradient(int rows, int in, int out, const Numbers& numbers) {
  const Values x = random_values(std::int64_t{rows} * in, 13);
  const Values dy = random_values(std::int64_t{rows} * out, 14);
  const Values start = random_values(std::int64_t{in} * out, 15);
  const bool rounds = numbers.precision == Precision::kBfloat16;
  const Sums sums = sums_of(transpose(rounds ? rounded_to_bfloat16(x) : x, rows, in),
                            rounds ? rounded_to_bfloat16(dy) : dy, in, rows, out);
  const std::vector<Range> parts = cut(rows);
  for (const auto& [x_lies, dy_lies] : std::vector<std::pair<Lies, Lies>>{{Lies::kInOne, Lies::kInOne},
                                                                          {Lies::kInOne, Lies::kOnItsOwn},
                                                                          {Lies::kOnItsOwn, Lies::kInOne},
                                                                          {Lies::kOnItsOwn, Lies::kOnItsOwn},
                                                                          {Lies::kReversed, Lies::kReversed}}) {
    const Side x_side(x, in, parts, x_lies);
    const Side dy_side(dy, out, parts, dy_lies);
    std::vector<GradientRows> all;
    for (std::size_t part = 0; part < parts.size(); ++part) all.push_back({x_side[part], dy_side[part]});
    const std::string what = name_of(numbers.precision) + " gradient, " + std::to_string(rows) + " rows of " +
                             std::to_string(in) + " x " + std::to_string(out);
    Values dw = start;
    matmul_gradient(all, matrix(dw, in, out), Accumulate::kYes, numbers.precision);
    expect_sums(dw, sums, start, numbers.tolerance, what);
    std::ranges::fill(dw, NAN);
    matmul_gradient(all, matrix(dw, in, out), Accumulate::kNo, numbers.precision);
    expect_sums(dw, sums, {}, numbers.tolerance, what);
  }
}

TEST_F(MatmulPrecision, GradientsSumOverAllParts) {
  for (const Numbers& numbers : {Numbers{Precision::kFloat32, 1e-6}, Numbers{Precision::kBfloat16, 1e-6}}) {
    for (const int rows : {1, 3, 17, 65, 1030}) {
      for (const auto& [in, out] : std::vector<std::pair<int, int>>{{1, 1}, {3, 17}, {65, 48}, {17, 130}}) {
        check_narrow_gradient(rows, in, out, numbers);
      }
    }
  }
}

// What is left over is filled up with zeros, not with what an earlier gradient of more rows left behind.
TEST_F(MatmulPrecision, GradientsForgetEarlierOnes) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    Values many(31 * 17, NAN);
    Values dw(17 * 17);
    const GradientRows first{matrix(many, 31, 17), matrix(many, 31, 17)};
    matmul_gradient({&first, 1}, matrix(dw, 17, 17), Accumulate::kNo, precision);
    Values few(17, 1.0F);
    const GradientRows second{matrix(few, 1, 17), matrix(few, 1, 17)};
    matmul_gradient({&second, 1}, matrix(dw, 17, 17), Accumulate::kNo, precision);
    EXPECT_EQ(dw, Values(17 * 17, 1.0F)) << name_of(precision);
  }
}

// ---- Other processors -------------------------------------------------------------------------------------

// The limits, lowest first, and from where on a precision is native. tests/every-isa sets them.
const std::vector<std::string> kLimits = {"SSE41", "AVX2", "AVX512_CORE", "AVX512_CORE_VNNI", "AVX512_CORE_BF16"};
constexpr std::ptrdiff_t kInt8Limit = 3;
constexpr std::ptrdiff_t kBfloat16Limit = 4;

TEST_F(MatmulPrecision, IsNativeWhereTheProcessorAndItsLimitAllow) {
  const char* limit = std::getenv("HEED_MAX_CPU_ISA");
  // Not a limit of these: as good as none.
  const std::ptrdiff_t allowed =
      limit == nullptr ? std::ssize(kLimits) : std::ranges::find(kLimits, limit) - kLimits.begin();
  bool has_bfloat16 = false;
  bool has_int8 = false;
#if HWY_ARCH_X86
  has_bfloat16 = __builtin_cpu_supports("avx512bf16") != 0;
  has_int8 = __builtin_cpu_supports("avx512vnni") != 0;
#elif defined(__aarch64__)  // which has no limit
  EXPECT_FALSE(is_native(Precision::kBfloat16));
  EXPECT_EQ(is_native(Precision::kInt8), has_instructions(Instructions::kDotProduct));
  return;
#endif
  EXPECT_EQ(is_native(Precision::kBfloat16), has_bfloat16 && allowed >= kBfloat16Limit);
  EXPECT_EQ(is_native(Precision::kInt8), has_int8 && allowed >= kInt8Limit);
}

// Heed's own vector code goes by the same limit, so that a processor with AVX-512 computes what one without it does.
TEST(InstructionSet, LimitsVectorCodeAsItLimitsProducts) {
#if HWY_ARCH_X86
  EXPECT_EQ(has_vector_code(VectorCode::kAvx512), has_avx512());
  EXPECT_EQ(has_vector_code(VectorCode::kAvx2), has_instructions(Instructions::kAvx2));
#endif
}

}  // namespace
}  // namespace heed
