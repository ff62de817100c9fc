#include "ways.h"

#include <algorithm>
#include <set>
#include <string>

#include "heed/base/error.h"
#include "heed/tensor/worker_pool.h"
#include "products.h"
#include "rounding.h"

// Each way to multiply by its name, on every processor that has it, best there or not.
namespace heed {
namespace {

std::vector<std::string> available_ways() {
  std::vector<std::string> names;
  for (const ProductWay& way : product_ways()) {
    if (way.available()) names.emplace_back(way.name);
  }
  return names;
}

// Rows as int8 holds them: 127 steps to the largest magnitude.
Values steps_of_their_largest(const Values& x, int rows) {
  const std::ptrdiff_t columns = std::ssize(x) / rows;
  Values out;
  for (int r = 0; r < rows; ++r) {
    const std::span row(x.data() + r * columns, columns);
    float largest = 0;
    for (const float value : row) largest = std::max(largest, std::abs(value));
    for (const float value : row) out.push_back(std::nearbyint(value * (127.0F / largest)) * (largest / 127.0F));
  }
  return out;
}

class EachWay : public testing::TestWithParam<std::string> {
 protected:
  const ProductWay& way() const { return find_way(GetParam()); }
  // What rows of inputs are multiplied as.
  Values numbers(const Values& x, int rows) const {
    if (way().precision == Precision::kBfloat16) return rounded_to_bfloat16(x);
    return way().precision == Precision::kInt8 ? steps_of_their_largest(x, rows) : x;
  }
  // Weights [in, out]: int8 has a scale for each output.
  Values numbers_of_weights(const Values& w, int in, int out) const {
    return transpose(numbers(transpose(w, in, out), out), out, in);
  }
};
INSTANTIATE_TEST_SUITE_P(Ways, EachWay, testing::ValuesIn(available_ways()), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

PackedWeights packed_for(const ProductWay& way, Values& w, int in, int out, bool transposed = false) {
  PackedWeights weights;
  weights.pack(transposed ? matrix(w, out, in) : matrix(w, in, out), transposed, way);
  return weights;
}

struct Sum {
  double value = 0;
  double magnitude = 0;  // of the terms, to which errors of rounding are in proportion
  void add(float a, float b) {
    value += static_cast<double>(a) * static_cast<double>(b);
    magnitude += std::abs(static_cast<double>(a) * static_cast<double>(b));
  }
};

// The outputs of each part are there, for all rows, when it is told.
TEST_P(EachWay, TellsOfPartsInOrder) {
  constexpr int kPart = 128;
  for (const auto& [in, out] : kShapes) {
    Values w = random_values(std::int64_t{in} * out, 1);
    const PackedWeights weights = packed_for(way(), w, in, out);
    for (const int rows : {1, 17, 257}) {
      Values x = random_values(std::int64_t{rows} * in, 2);
      Values whole(static_cast<std::size_t>(rows) * static_cast<std::size_t>(out));
      matmul(matrix(x, rows, in), weights, matrix(whole, rows, out), Accumulate::kNo);
      Values y(whole.size(), NAN);
      std::int64_t told = 0;
      const auto check = [&](std::int64_t first, std::int64_t count) {
        EXPECT_EQ(first, told);
        told = first + count;
        EXPECT_TRUE(told == out || told % kPart == 0) << told;
        for (int r = 0; r < rows; ++r) {
          const auto at = r * out + first;
          EXPECT_TRUE(std::equal(&y[at], &y[at] + count, &whole[at])) << "row " << r << ", part " << first;
        }
      };
      matmul(matrix(x, rows, in), weights, matrix(y, rows, out), {.size = kPart, .done = check});
      EXPECT_EQ(told, out);
      EXPECT_EQ(y, whole);
    }
  }
}

TEST_P(EachWay, IsTheProductOfItsNumbers) {
  for (const auto& [in, out] : kShapes) {
    Values w = random_values(std::int64_t{in} * out, 1);
    const Values numbers_w = numbers_of_weights(w, in, out);
    Values lying = transpose(w, in, out);
    std::vector<PackedWeights> packings;
    packings.push_back(packed_for(way(), w, in, out));
    if (way().precision != Precision::kInt8) packings.push_back(packed_for(way(), lying, in, out, true));
    for (const int rows : {1, 3, 17, 65, 257}) {
      Values x = random_values(std::int64_t{rows} * in, 2);
      const Values numbers_x = numbers(x, rows);
      const Values start = random_values(std::int64_t{rows} * out, 3);
      for (const PackedWeights& weights : packings) {
        EXPECT_EQ(weights.precision(), way().precision);
        for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes}) {
          Values y = start;
          matmul(matrix(x, rows, in), weights, matrix(y, rows, out), accumulate);
          for (const int r : {0, rows / 2, rows - 1}) {
            for (int n = 0; n < out; ++n) {
              Sum sum;
              for (int k = 0; k < in; ++k) sum.add(numbers_x[r * in + k], numbers_w[k * out + n]);
              if (accumulate == Accumulate::kYes) sum.add(start[r * out + n], 1.0F);
              ASSERT_NEAR(static_cast<double>(y[r * out + n]), sum.value, 1e-6 * (sum.magnitude + 1e-3))
                  << rows << " x " << in << " x " << out << " at " << r << ", " << n;
            }
          }
        }
      }
    }
  }
}

TEST_P(EachWay, ARowDoesNotDependOnHowManyThereAre) {
  for (const auto& [in, out] : std::vector<std::pair<int, int>>{{1, 1}, {48, 65}, {300, 500}, {2049, 17}}) {
    Values w = random_values(std::int64_t{in} * out, 10);
    for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes})
      check_rows(packed_for(way(), w, in, out), in, out, accumulate);
  }
}

TEST_P(EachWay, TermsOfASumAreTheirProductsOneAfterTheOther) {
  Values w = random_values(48 * 130, 4);
  Values v = random_values(17 * 130, 5);
  const PackedWeights first = packed_for(way(), w, 48, 130);
  const PackedWeights second = packed_for(way(), v, 17, 130);
  for (const int rows : {1, 5, 64, 300}) {
    Values x = random_values(std::int64_t{rows} * 48, 6);
    Values z = random_values(std::int64_t{rows} * 17, 7);
    Values together(static_cast<std::size_t>(rows) * 130, NAN);
    Values apart = together;
    const std::vector<ProductTerm> terms = {{matrix(x, rows, 48), &first}, {matrix(z, rows, 17), &second}};
    matmul(terms, matrix(together, rows, 130), Accumulate::kNo);
    matmul(terms[0].x, first, matrix(apart, rows, 130), Accumulate::kNo);
    matmul(terms[1].x, second, matrix(apart, rows, 130), Accumulate::kYes);
    EXPECT_EQ(together, apart) << rows;
  }
}

TEST_P(EachWay, GradientsAreSumsOverAllRows) {
  constexpr int kIn = 61;
  constexpr int kOut = 193;
  for (const int rows : {1, 3, 64, 1030}) {
    Values x = random_values(std::int64_t{rows} * kIn, 8);
    Values dy = random_values(std::int64_t{rows} * kOut, 9);
    const int cut = rows / 3;
    const std::vector<GradientRows> parts = {
        {{x.data(), 0, kIn}, {dy.data(), 0, kOut}},
        {{x.data(), cut, kIn}, {dy.data(), cut, kOut}},
        {matrix(x, rows, kIn).slice(cut, rows - cut), matrix(dy, rows, kOut).slice(cut, rows - cut)}};
    Values dw(kIn * kOut, NAN);
    if (way().gradient == nullptr) {
      EXPECT_THROW(matmul_gradient(parts, matrix(dw, kIn, kOut), Accumulate::kNo, way()), Error);
      continue;
    }
    matmul_gradient(parts, matrix(dw, kIn, kOut), Accumulate::kNo, way());
    const Values numbers_x = numbers(x, rows);
    const Values numbers_dy = numbers(dy, rows);
    for (int k = 0; k < kIn; ++k) {
      for (int n = 0; n < kOut; ++n) {
        Sum sum;
        for (int r = 0; r < rows; ++r) sum.add(numbers_x[r * kIn + k], numbers_dy[r * kOut + n]);
        ASSERT_NEAR(static_cast<double>(dw[k * kOut + n]), sum.value, 1e-6 * (sum.magnitude + 1e-3))
            << rows << " rows at " << k << ", " << n;
      }
    }
  }
}

TEST_P(EachWay, KeepsAsManyBytesAsItSays) {
  Values w = random_values(48 * 65, 11);
  const std::size_t bytes = way().in_place ? 0 : way().packed_bytes(48, 65);
  EXPECT_EQ(packed_for(way(), w, 48, 65).bytes(), bytes);
  EXPECT_EQ(way().in_place, bytes == 0);
}

TEST(Ways, EachPrecisionHasOneOnEveryProcessor) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    EXPECT_EQ(best_way(precision).precision, precision);
    EXPECT_TRUE(best_way(precision).available());
    EXPECT_EQ(best_way(precision).gradient != nullptr, precision != Precision::kInt8);
  }
  EXPECT_TRUE(best_way_in_place().in_place);
}

TEST(Ways, NamesAreNotTakenTwice) {
  std::set<std::string_view> names;
  for (const ProductWay& way : product_ways()) EXPECT_TRUE(names.insert(way.name).second) << way.name;
  EXPECT_THROW(find_way("float32-abacus"), Error);
}

TEST(Ways, WeightsThatWereNotPackedAreRefused) {
  Values x = random_values(3, 12);
  Values y(5);
  EXPECT_THROW(matmul(matrix(x, 1, 3), PackedWeights(), matrix(y, 1, 5), Accumulate::kNo), Error);
}

}  // namespace
}  // namespace heed
