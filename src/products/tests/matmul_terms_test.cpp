#include <vector>

#include "heed/products/matmul.h"
#include "values.h"

namespace heed {
namespace {

// Selected outputs are those of the whole; whole numbers to the bit, others may be summed in another order where they
// stand elsewhere.
TEST(PackedWeights, SomeOutputsOfOtherWeights) {
  constexpr int kIn = 70;
  constexpr int kOut = 150;
  Values w = random_values(kIn * kOut, 80);
  Values x = random_values(3 * kIn, 81);
  Values w_turned(w.size());
  for (int i = 0; i < kIn; ++i) {
    for (int o = 0; o < kOut; ++o) w_turned[o * kIn + i] = w[i * kOut + o];
  }
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    PackedWeights whole;
    whole.pack(matrix(w, kIn, kOut), false, precision);
    Values all(3 * kOut);
    matmul(matrix(x, 3, kIn), whole, matrix(all, 3, kOut), Accumulate::kNo);
    const std::vector<int> outputs = {3, 3, 149, 0, 64, 63, 100};
    PackedWeights some;
    some.select(whole, matrix(w, kIn, kOut), false, outputs);
    EXPECT_EQ(some.out(), 7);
    EXPECT_EQ(some.precision(), precision);
    Values selected(3 * 7);
    matmul(matrix(x, 3, kIn), some, matrix(selected, 3, 7), Accumulate::kNo);
    PackedWeights turned;
    turned.select(whole, matrix(w_turned, kOut, kIn), true, outputs);
    Values same(3 * 7);
    matmul(matrix(x, 3, kIn), turned, matrix(same, 3, 7), Accumulate::kNo);
    EXPECT_EQ(same, selected);
    for (int r = 0; r < 3; ++r) {
      for (int n = 0; n < 7; ++n) {
        const float tolerance = precision == Precision::kInt8 ? 0.0F : 1e-4F;
        EXPECT_NEAR(selected[r * 7 + n], all[r * kOut + outputs[n]], tolerance) << name_of(precision);
      }
    }
  }
}

// Terms in one pass are the same products one after the other, to the bit.
TEST(MatmulTerms, TermsOfASumAreAddedInTheirOrder) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    for (const int rows : {1, 5, 17, 70}) {
      constexpr int kOut = 130;
      std::vector<Values> inputs;
      std::vector<PackedWeights> weights(5);
      std::vector<ProductTerm> terms;
      for (int t = 0; t < 5; ++t) {
        const int in = 17 * (t + 1);
        Values w = random_values(std::int64_t{in} * kOut, 50 + t);
        weights[t].pack(matrix(w, in, kOut), false, precision);
        // The last has fewer rows, as hidden states of a batch that grows have.
        inputs.push_back(random_values(std::int64_t{rows} * in, 60 + t));
        terms.push_back({{inputs.back().data(), t == 4 ? rows / 2 : rows, in}, &weights[t]});
        for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes}) {
          Values together = random_values(std::int64_t{rows} * kOut, 70);
          Values one_by_one = together;
          matmul(terms, matrix(together, rows, kOut), accumulate);
          Accumulate next = accumulate;
          for (const ProductTerm& term : terms) {
            matmul(term.x, *term.weights, {one_by_one.data(), term.x.rows, kOut}, next);
            next = Accumulate::kYes;
          }
          EXPECT_EQ(together, one_by_one) << name_of(precision) << ", " << rows << " rows, " << t + 1 << " terms";
        }
      }
    }
  }
}

}  // namespace
}  // namespace heed
