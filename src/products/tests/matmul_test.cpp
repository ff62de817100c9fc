#include "heed/products/matmul.h"

#include <algorithm>
#include <string>
#include <thread>

#include "heed/tensor/worker_pool.h"
#include "products.h"

namespace heed {
namespace {

const std::vector<int> kRowCounts = {1, 3, 17, 64, 65, 200, 300, 513};
const std::vector<int> kSizes = {1, 3, 17, 48, 65, 130};

class Matmul : public testing::Test {
 protected:
};

// Sum of x[r, k] * w[k, c] in double, and how far float32 may be from it.
struct Reference {
  double value = 0;
  double tolerance = 1e-6;
  void add(float a, float b) {
    value += static_cast<double>(a) * static_cast<double>(b);
    tolerance += 1e-6 * std::abs(static_cast<double>(a) * static_cast<double>(b));
  }
};

void expect_product(Values& x, Values& w, const Values& start, const Values& y, int rows, int in, int out) {
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < out; ++c) {
      Reference sum;
      for (int k = 0; k < in; ++k) sum.add(x[r * in + k], w[k * out + c]);
      if (!start.empty()) sum.add(start[r * out + c], 1.0F);
      ASSERT_NEAR(static_cast<double>(y[r * out + c]), sum.value, sum.tolerance)
          << rows << " x " << in << " x " << out << " at " << r << ", " << c;
    }
  }
}

TEST_F(Matmul, ReplacesAndAddsOnAwkwardSizes) {
  for (const int in : kSizes) {
    for (const int out : kSizes) {
      Values w = random_values(std::int64_t{in} * out, 1);
      PackedWeights packed;
      packed.pack(matrix(w, in, out), false, Precision::kFloat32);
      EXPECT_EQ(packed.in(), in);
      EXPECT_EQ(packed.out(), out);
      for (const int rows : kRowCounts) {
        if (rows > 65 && in * out > 48 * 65) continue;  // the naive sums would take long
        Values x = random_values(std::int64_t{rows} * in, 2);
        Values y(static_cast<std::size_t>(rows) * out, NAN);
        matmul(matrix(x, rows, in), packed, matrix(y, rows, out), Accumulate::kNo);
        expect_product(x, w, {}, y, rows, in, out);
        const Values start = random_values(std::int64_t{rows} * out, 3);
        y = start;
        matmul(matrix(x, rows, in), packed, matrix(y, rows, out), Accumulate::kYes);
        expect_product(x, w, start, y, rows, in, out);
      }
    }
  }
}

TEST_F(Matmul, TransposedWeights) {
  Values w = random_values(17 * 65, 4);  // [17, 65]
  Values transposed = transpose(w, 17, 65);
  PackedWeights packed;
  packed.pack(matrix(w, 17, 65), true, Precision::kFloat32);
  Values x = random_values(20 * 65, 5);
  Values y(20 * 17);
  matmul(matrix(x, 20, 65), packed, matrix(y, 20, 17), Accumulate::kNo);
  expect_product(x, transposed, {}, y, 20, 65, 17);
}

TEST_F(Matmul, WeightsThatLieWhereTheyAreFollowTheirValues) {
  Values w = random_values(17 * 65, 4);  // [17, 65]
  PackedWeights forward;
  PackedWeights backward;
  forward.refer(matrix(w, 17, 65), false);
  backward.refer(matrix(w, 17, 65), true);
  EXPECT_EQ(forward.in(), 17);
  EXPECT_EQ(backward.in(), 65);
  std::ranges::copy(random_values(17 * 65, 5), w.begin());
  Values transposed = transpose(w, 17, 65);
  for (const int rows : kRowCounts) {
    Values x = random_values(rows * 17, 6);
    Values y(static_cast<std::size_t>(rows * 65));
    matmul(matrix(x, rows, 17), forward, matrix(y, rows, 65), Accumulate::kNo);
    expect_product(x, w, {}, y, rows, 17, 65);
    Values back(x.size());
    matmul(matrix(y, rows, 65), backward, matrix(back, rows, 17), Accumulate::kNo);
    expect_product(y, transposed, {}, back, rows, 65, 17);
  }
  // Packed after all: a copy of its own.
  forward.pack(matrix(w, 17, 65), false, Precision::kFloat32);
  const Values before = w;
  std::ranges::copy(random_values(17 * 65, 7), w.begin());
  Values x = random_values(17, 8);
  Values y(65);
  matmul(matrix(x, 1, 17), forward, matrix(y, 1, 65), Accumulate::kNo);
  Values copy = before;
  expect_product(x, copy, {}, y, 1, 17, 65);
}

TEST_F(Matmul, PackingAgainSeesTheNewWeights) {
  Values w = random_values(48 * 17, 6);
  Values x = random_values(5 * 48, 7);
  Values y(5 * 17);
  PackedWeights packed;
  packed.pack(matrix(w, 48, 17), false, Precision::kFloat32);
  w = random_values(48 * 17, 8);
  packed.pack(matrix(w, 48, 17), false, Precision::kFloat32);
  matmul(matrix(x, 5, 48), packed, matrix(y, 5, 17), Accumulate::kNo);
  expect_product(x, w, {}, y, 5, 48, 17);
  // Another shape in the same object.
  Values wide = random_values(48 * 65, 9);
  packed.pack(matrix(wide, 48, 65), false, Precision::kFloat32);
  Values y_wide(5 * 65);
  matmul(matrix(x, 5, 48), packed, matrix(y_wide, 5, 65), Accumulate::kNo);
  expect_product(x, wide, {}, y_wide, 5, 48, 65);
}

TEST_F(Matmul, ARowDoesNotDependOnHowManyThereAre) {
  for (const auto& [in, out] : kShapes) {
    Values w = random_values(std::int64_t{in} * out, 10);
    for (const bool transposed : {false, true}) {
      PackedWeights weights;
      weights.pack(matrix(w, transposed ? out : in, transposed ? in : out), transposed, Precision::kFloat32);
      check_rows(weights, in, out, Accumulate::kNo);
      check_rows(weights, in, out, Accumulate::kYes);
    }
  }
}

TEST_F(Matmul, NorDoesARowOfWeightsThatLieWhereTheyAre) {
  for (const auto& [in, out] : kShapes) {
    Values w = random_values(std::int64_t{in} * out, 10);
    for (const bool transposed : {false, true}) {
      PackedWeights weights;
      weights.refer(matrix(w, transposed ? out : in, transposed ? in : out), transposed);
      check_rows(weights, in, out, Accumulate::kNo);
      check_rows(weights, in, out, Accumulate::kYes);
    }
  }
}

void check_gradient(int rows, int in, int out, Accumulate accumulate) {
  Values x = random_values(std::int64_t{rows} * in, 13);
  Values dy = random_values(std::int64_t{rows} * out, 14);
  const Values start = random_values(std::int64_t{in} * out, 15);
  Values dw = start;
  const GradientRows all{matrix(x, rows, in), matrix(dy, rows, out)};
  matmul_gradient({&all, 1}, matrix(dw, in, out), accumulate);
  for (int i = 0; i < in; ++i) {
    for (int o = 0; o < out; ++o) {
      Reference sum;
      for (int r = 0; r < rows; ++r) sum.add(x[r * in + i], dy[r * out + o]);
      if (accumulate == Accumulate::kYes) sum.add(start[i * out + o], 1.0F);
      ASSERT_NEAR(static_cast<double>(dw[i * out + o]), sum.value, sum.tolerance)
          << rows << " rows at " << i << ", " << o;
    }
  }
}

TEST_F(Matmul, GradientOverAllRowsReplacesAndAdds) {
  for (const int rows : {1, 3, 17, 64, 65, 200, 300, 513, 1030, 1700}) {
    for (const int in : {1, 17, 48, 65}) {
      for (const int out : {1, 3, 48, 130}) {
        if (rows > 65 && in * out > 48 * 48) continue;
        check_gradient(rows, in, out, Accumulate::kYes);
        check_gradient(rows, in, out, Accumulate::kNo);
      }
    }
  }
}

TEST_F(Matmul, NoRowsDoNothing) {
  Values w = random_values(3 * 5, 16);
  PackedWeights packed;
  packed.pack(matrix(w, 3, 5), false, Precision::kFloat32);
  float guard = 7;
  matmul({&guard, 0, 3}, packed, {&guard, 0, 5}, Accumulate::kNo);
  const GradientRows none{{&guard, 0, 3}, {&guard, 0, 5}};
  matmul_gradient({&none, 1}, matrix(w, 3, 5), Accumulate::kYes);
  EXPECT_EQ(guard, 7.0F);
}

// Weights are packed by whoever loads a model and used by workers.
TEST_F(Matmul, WeightsPackedByOneThreadServeEveryOther) {
  for (const auto& [in, out] : std::vector<std::pair<int, int>>{{17, 65}, {128, 512}, {256, 1024}, {512, 130}}) {
    Values w = random_values(std::int64_t{in} * out, 17, 0.1);
    PackedWeights weights;
    std::thread([&, in = in, out = out] { weights.pack(matrix(w, in, out), false, Precision::kFloat32); }).join();
    Values x = random_values(std::int64_t{9} * in, 18);
    std::vector<Values> results(2, Values(static_cast<std::size_t>(9 * out)));
    WorkerPool pool(2);
    pool.run([&, in = in, out = out](int worker) {
      matmul({x.data(), 9, in}, weights, matrix(results[worker], 9, out), Accumulate::kNo);
    });
    expect_product(x, w, {}, results[0], 9, in, out);
    EXPECT_EQ(results[1], results[0]) << in << " x " << out;
  }
}

}  // namespace
}  // namespace heed
