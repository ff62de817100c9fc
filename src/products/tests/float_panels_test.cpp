#include "float_panels.h"

#include <cstring>

#include "heed/kernels/conversions.h"
#include "heed/kernels/float_product.h"
#include "products.h"
#include "targets.h"

namespace heed {
namespace {

class FloatProducts : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, FloatProducts, testing::ValuesIn(kernel_targets()), target_name);

Values panels_of(Values& w, int in, int out) {
  Values panels(static_cast<std::size_t>(FloatPanels::size(in, out)), NAN);
  pack_panels(matrix(w, in, out), false, panels.data());
  return panels;
}

TEST_P(FloatProducts, PanelsOfATransposedMatrixAreTheSame) {
  for (const auto& [in, out] : kShapes) {
    Values w = random_values(std::int64_t{in} * out, 1);
    Values transposed = transpose(w, in, out);
    const Values panels = panels_of(w, in, out);
    Values others(panels.size(), NAN);
    pack_panels(matrix(transposed, out, in), true, others.data());
    EXPECT_EQ(panels, others) << in << " x " << out;
  }
}

// Of every number of rows that has code of its own, and of several blocks of rows.
TEST_P(FloatProducts, AreSumsAndEqualInEveryRow) {
  for (const int in : {1, 5, 64}) {
    for (const int out : {1, 16, 17, 95, 130}) {
      Values w = random_values(std::int64_t{in} * out, 2);
      const Values panels = panels_of(w, in, out);
      for (const int rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 96, 97, 200}) {
        Values x = random_values(std::int64_t{rows} * in, 3);
        const Values start = random_values(std::int64_t{rows} * out, 4);
        Values replaced(start.size() + 1, 99);
        Values added = start;
        multiply_panels(matrix(x, rows, in), panels.data(), {replaced.data(), rows, out}, Accumulate::kNo);
        multiply_panels(matrix(x, rows, in), panels.data(), matrix(added, rows, out), Accumulate::kYes);
        for (int r = 0; r < rows; ++r) {
          Values one(static_cast<std::size_t>(out));
          multiply_panels({x.data() + r * in, 1, in}, panels.data(), matrix(one, 1, out), Accumulate::kNo);
          ASSERT_EQ(std::memcmp(one.data(), replaced.data() + r * out, one.size() * sizeof(float)), 0)
              << "row " << r << " of " << rows << " x " << in << " x " << out;
          for (int n = 0; n < out; ++n) {
            double sum = 0;
            for (int k = 0; k < in; ++k) {
              sum += static_cast<double>(x[r * in + k]) * static_cast<double>(w[k * out + n]);
            }
            expect_close(one[n], sum, 1e-5, "sum", n);
            ASSERT_EQ(added[r * out + n], start[r * out + n] + one[n]);
          }
        }
        ASSERT_EQ(replaced.back(), 99) << "written beyond the end";
      }
    }
  }
}

// Weights that are packed on the way, in one piece and in several.
TEST_P(FloatProducts, OfWeightsThatLieAreTheSame) {
  for (const auto& [in, out] : {std::pair(5, 17), std::pair(64, 130), std::pair(9000, 95)}) {
    Values w = random_values(std::int64_t{in} * out, 5);
    Values transposed = transpose(w, in, out);
    const Values panels = panels_of(w, in, out);
    for (const int rows : {1, 3, 7, 100}) {
      Values x = random_values(std::int64_t{rows} * in, 6);
      const Values start = random_values(std::int64_t{rows} * out, 7);
      for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes}) {
        Values expected = start;
        multiply_panels(matrix(x, rows, in), panels.data(), matrix(expected, rows, out), accumulate);
        Values plain = start;
        multiply_lying(matrix(x, rows, in), matrix(w, in, out), false, matrix(plain, rows, out), accumulate);
        EXPECT_EQ(plain, expected) << rows << " x " << in << " x " << out;
        Values back = start;
        multiply_lying(matrix(x, rows, in), matrix(transposed, out, in), true, matrix(back, rows, out), accumulate);
        EXPECT_EQ(back, expected) << rows << " x " << in << " x " << out << ", transposed";
      }
    }
  }
}

void check_gradient(std::span<const int> part_rows, int in, int out, bool to_bfloat16) {
  std::vector<Values> values;
  std::vector<GradientRows> parts;
  values.reserve(2 * part_rows.size());
  for (const int rows : part_rows) {
    values.push_back(random_values(std::int64_t{rows} * in, 8 + values.size()));
    values.push_back(random_values(std::int64_t{rows} * out, 8 + values.size()));
    parts.push_back({matrix(values[values.size() - 2], rows, in), matrix(values.back(), rows, out)});
  }
  std::vector<double> sums(static_cast<std::size_t>(in) * static_cast<std::size_t>(out));
  const auto number = [&](float x) {
    if (to_bfloat16) round_to_bfloat16(&x, &x, 1);
    return static_cast<double>(x);
  };
  for (const GradientRows& part : parts) {
    for (int r = 0; r < part.x.rows; ++r) {
      for (int i = 0; i < in; ++i) {
        for (int n = 0; n < out; ++n) sums[i * out + n] += number(part.x.row(r)[i]) * number(part.dy.row(r)[n]);
      }
    }
  }
  const Values start = random_values(std::int64_t{in} * out, 4);
  Values replaced(start.size() + 1, 99);
  Values added = start;
  multiply_gradient(parts, {replaced.data(), in, out}, Accumulate::kNo, to_bfloat16);
  multiply_gradient(parts, matrix(added, in, out), Accumulate::kYes, to_bfloat16);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    expect_close(replaced[i], sums[i], 1e-4, "sum", static_cast<int>(i));
    expect_close(added[i], sums[i] + static_cast<double>(start[i]), 1e-4, "added", static_cast<int>(i));
  }
  EXPECT_EQ(replaced.back(), 99) << "written beyond the end";
}

// Parts that end within a block of rows, that are longer than one, and that are empty; more outputs than a block has.
TEST_P(FloatProducts, GradientsAreSumsOverAllRows) {
  for (const bool to_bfloat16 : {false, true}) {
    for (const int in : {1, 6, 7, 100}) {
      for (const int out : {1, 16, 33}) {
        for (const std::vector<int>& rows : {std::vector{1}, {0, 3, 0}, {32, 31, 30}, {256}, {200, 0, 56, 1, 300}}) {
          check_gradient(rows, in, out, to_bfloat16);
        }
      }
    }
    check_gradient(std::vector{40, 2}, 13, 1024 + 17, to_bfloat16);
  }
}

}  // namespace
}  // namespace heed
