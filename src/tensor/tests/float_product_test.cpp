#include "kernels/float_product.h"

#include <cstring>

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
        multiply_panels(matrix(x, rows, in), panels.data(), {replaced.data(), rows, out}, Into::kReplace);
        multiply_panels(matrix(x, rows, in), panels.data(), matrix(added, rows, out), Into::kAdd);
        for (int r = 0; r < rows; ++r) {
          Values one(static_cast<std::size_t>(out));
          multiply_panels({x.data() + r * in, 1, in}, panels.data(), matrix(one, 1, out), Into::kReplace);
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

}  // namespace
}  // namespace heed
