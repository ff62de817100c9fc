// The kernels of attention that depends on the previous step: values by their definitions, in double. Gradients are
// checked where the operations are (autograd/tests/recurrent_attention_test.cpp).
#include <algorithm>
#include <numeric>

#include "heed/kernels/coverage.h"
#include "heed/kernels/location.h"
#include "heed/kernels/monotonic.h"
#include "heed/kernels/pair_scores.h"
#include "targets.h"
#include "values.h"

namespace heed {
namespace {

class RecurrentAttentionKernel : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, RecurrentAttentionKernel, testing::ValuesIn(kernel_targets()), target_name);

// Three sentences, one of a single position; four rows that look at them in no order.
struct StepCase {
  std::vector<int> lengths = {6, 1, 11};
  std::vector<int> offsets = {0, 6, 7};
  std::vector<int> sentence = {2, 0, 1, 2};
  int positions = 18;
  int longest = 11;
  int rows = 4;

  Pairing pairing() const { return {{offsets, lengths, longest}, sentence}; }
  int length(int r) const { return lengths[sentence[r]]; }
  int position(int r, int s) const { return offsets[sentence[r]] + s; }
  Tensor of_rows(Values& values) const { return matrix(values, rows, static_cast<std::int64_t>(values.size()) / rows); }
  Tensor of_positions(Values& values) const {
    return matrix(values, positions, static_cast<std::int64_t>(values.size()) / positions);
  }
  // Like softmax's: at least 0, and 0 beyond the sentence.
  Values weights(std::uint64_t seed) const {
    Values out = random_values(rows * longest, seed);
    for (int r = 0; r < rows; ++r) {
      for (int s = 0; s < longest; ++s) out[r * longest + s] = s < length(r) ? std::abs(out[r * longest + s]) : 0.0F;
    }
    return out;
  }
};

double at(const Values& values, std::int64_t i) { return static_cast<double>(values[static_cast<std::size_t>(i)]); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

TEST_P(RecurrentAttentionKernel, PairScores) {
  for (const int width : kLengths) {
    for (const int count : {0, 1, 3, 10}) {
      const StepCase c;
      Values query = random_values(c.rows * width, 1);
      Values keys = random_values(c.positions * width, 2);
      const Values v = random_values(width, 3);
      Values features = random_values(c.rows * c.longest * std::max(count, 1), 4);
      Values weights = random_values(std::max(count, 1) * width, 5);
      Values scores(static_cast<std::size_t>(c.rows * c.longest));
      const PairFeatures known =
          count == 0 ? PairFeatures{} : PairFeatures{c.of_rows(features), matrix(weights, count, width)};
      pair_scores(c.pairing(), {c.of_rows(query), c.of_positions(keys), v.data()}, known, c.of_rows(scores));
      for (int r = 0; r < c.rows; ++r) {
        for (int s = 0; s < c.longest; ++s) {
          double expected = 0;
          for (int i = 0; s < c.length(r) && i < width; ++i) {
            double x = at(query, r * width + i) + at(keys, c.position(r, s) * width + i);
            for (int f = 0; f < count; ++f)
              x += at(features, (r * c.longest + s) * count + f) * at(weights, f * width + i);
            expected += at(v, i) * std::tanh(x);
          }
          expect_close(scores[r * c.longest + s], expected, 1e-5, "score", s);
        }
      }
      if (count == 0) {
        EXPECT_EQ(heed::additive_score(query.data(), keys.data() + c.position(0, 0) * width, v.data(), width),
                  scores[0]);
      }
    }
  }
}

TEST_P(RecurrentAttentionKernel, LocationFeaturesEndWithTheSentence) {
  for (const int width : {1, 3, 7, 31}) {
    for (const int count : kLengths) {
      const StepCase c;
      Values weights = c.weights(1);
      Values filters = random_values(width * count, 2);
      Values features(static_cast<std::size_t>(c.rows * c.longest * count));
      // What stands beyond a sentence must not be read, nor its neighbours' weights.
      for (int r = 0; r < c.rows; ++r)
        std::fill_n(weights.begin() + r * c.longest + c.length(r), c.longest - c.length(r), 1e30F);
      add_location_features(c.pairing(), c.of_rows(weights), matrix(filters, width, count), c.of_rows(features));
      for (int r = 0; r < c.rows; ++r) {
        for (int s = 0; s < c.longest; ++s) {
          for (int f = 0; f < count; ++f) {
            double expected = 0;
            for (int k = 0; s < c.length(r) && k < width; ++k) {
              const int j = s + k - (width - 1) / 2;
              if (j >= 0 && j < c.length(r)) expected += at(weights, r * c.longest + j) * at(filters, k * count + f);
            }
            expect_close(features[(r * c.longest + s) * count + f], expected, 1e-5, "feature", f);
          }
        }
      }
    }
  }
}

TEST_P(RecurrentAttentionKernel, GatedCoverage) {
  for (const int count : kLengths) {
    const StepCase c;
    Values weights = c.weights(1);
    Values before = random_values(c.rows * c.longest * count, 2);
    Values query = random_values(c.rows * 3 * count, 3);
    Values positions = random_values(c.positions * 3 * count, 4);
    const Values of_weight = random_values(3 * count, 5);
    Values recurrent = random_values(count * 3 * count, 6, 0.3);
    Values gates(static_cast<std::size_t>(c.rows * c.longest * 3 * count));
    Values out(static_cast<std::size_t>(c.rows * c.longest * count));
    gated_coverage(c.pairing(),
                   {c.of_rows(weights), c.of_rows(before), c.of_rows(query), c.of_positions(positions),
                    of_weight.data(), matrix(recurrent, count, 3 * count)},
                   c.of_rows(gates), c.of_rows(out));
    for (int r = 0; r < c.rows; ++r) {
      for (int s = 0; s < c.length(r); ++s) {
        const std::int64_t first = (r * c.longest + s) * count;
        const auto inner = [&](int i, const std::vector<double>& factor) {
          double x = at(query, r * 3 * count + i) + at(positions, c.position(r, s) * 3 * count + i) +
                     at(weights, r * c.longest + s) * at(of_weight, i);
          for (int k = 0; k < count; ++k) x += factor[k] * at(before, first + k) * at(recurrent, k * 3 * count + i);
          return x;
        };
        const std::vector<double> ones(count, 1.0);
        std::vector<double> reset(count);
        for (int i = 0; i < count; ++i) reset[i] = sigmoid(inner(count + i, ones));
        for (int i = 0; i < count; ++i) {
          const double z = sigmoid(inner(i, ones));
          const double n = std::tanh(inner(2 * count + i, reset));
          expect_close(out[first + i], (1 - z) * at(before, first + i) + z * n, 1e-5, "coverage", i);
        }
      }
    }
  }
}

TEST(CoveredShare, StaysFiniteWhereAFertilityIsNextToNothing) {
  const StepCase c;
  Values weights = c.weights(1);
  Values x(static_cast<std::size_t>(c.positions), -1000.0F);
  x[0] = 0;
  Values covered(weights.size());
  add_covered(c.pairing(), c.of_rows(weights), c.of_positions(x), 2, c.of_rows(covered));
  for (const float value : covered) EXPECT_TRUE(std::isfinite(value));
  EXPECT_FLOAT_EQ(covered[c.longest], weights[c.longest]);  // row 1 is of sentence 0: 2 sigmoid(0) = 1
}

Values one_row(std::size_t length, float first) {
  Values out(length, 0.0F);
  out[0] = first;
  return out;
}

struct One {
  std::vector<int> lengths, offsets = {0}, sentence = {0};
  explicit One(int length) : lengths{length} {}
  Pairing pairing() const { return {{offsets, lengths, lengths[0]}, sentence}; }
};

// By the definition: the sum over all places where the previous step may have stopped. On 2,000 positions the product
// that the paper divides by is 0 even in double.
TEST(MonotonicAlignment, IsThatOfItsDefinitionOnLongSentencesToo) {
  for (const int length : {1, 2, 9, 2000}) {
    const One one(length);
    Values p = random_values(length, 1);
    for (float& value : p) value = static_cast<float>(sigmoid(static_cast<double>(value)));
    Values previous = one_row(p.size(), 0.0F);
    for (int s = 0; s < length; s += 7) previous[s] = 0.8F / static_cast<float>(1 + length / 7);
    Values alignment(p.size());
    monotonic_alignment(one.pairing(), matrix(p, 1, length), matrix(previous, 1, length), matrix(alignment, 1, length));
    double largest = 0;
    for (int j = 0; j < length; ++j) {
      double reached = 0;
      double passed = 1;
      for (int k = j; k >= 0; --k) {
        reached += at(previous, k) * passed;
        if (k > 0) passed *= 1 - at(p, k - 1);
      }
      EXPECT_NEAR(static_cast<double>(alignment[j]), at(p, j) * reached, 1e-6);
      largest = std::max(largest, static_cast<double>(alignment[j]));
    }
    EXPECT_GT(largest, 0.0);
  }
}

TEST(MonotonicAlignment, StartsAtTheFirstPositionAndLosesWhatRunsOff) {
  const One one(4);
  Values p = {0.25F, 0.5F, 0.5F, 0.0F};
  Values alignment(4);
  monotonic_alignment(one.pairing(), matrix(p, 1, 4), {}, matrix(alignment, 1, 4));
  EXPECT_EQ(alignment, (Values{0.25F, 0.375F, 0.1875F, 0.0F}));
  Values stay(4, 1.0F);
  Values again(4);
  monotonic_alignment(one.pairing(), matrix(stay, 1, 4), matrix(alignment, 1, 4), matrix(again, 1, 4));
  EXPECT_EQ(again, alignment);  // where p is 1, what stands stays
  Values pass(4, 0.0F);
  monotonic_alignment(one.pairing(), matrix(pass, 1, 4), matrix(alignment, 1, 4), matrix(again, 1, 4));
  EXPECT_EQ(again, Values(4, 0.0F));
}

// A score that is far above the others must not take the sums of chunks that it is not in.
TEST(ChunkWeights, EachChunkHasItsOwnSoftmax) {
  const One one(6);
  Values alignment = {0.0F, 0.5F, 0.0F, 0.25F, 0.0F, 0.25F};
  Values scores = {-200.0F, -200.0F, -201.0F, -201.0F, 300.0F, 0.0F};
  Values weights(6);
  chunk_weights(one.pairing(), matrix(alignment, 1, 6), matrix(scores, 1, 6), 2, matrix(weights, 1, 6));
  const Values expected = {0.25F, 0.25F, 0.125F, 0.125F, 0.25F, 0.0F};
  for (int s = 0; s < 6; ++s) EXPECT_NEAR(weights[s], expected[s], 1e-6F) << s;
}

TEST(HardAlignment, StopsAtTheFirstPositionAboveTheOffset) {
  const One one(5);
  Values query = {0.0F};
  Values keys = {-1.0F, 0.2F, 0.9F, -1.0F, 0.8F};
  const float v = 1;
  const AdditivePairs pairs{matrix(query, 1, 1), matrix(keys, 5, 1), &v};
  Values first(5);
  hard_alignment(one.pairing(), pairs, -0.5F, {}, matrix(first, 1, 5));
  EXPECT_EQ(first, (Values{0, 0, 1, 0, 0}));
  Values second(5);
  hard_alignment(one.pairing(), pairs, -0.5F, matrix(first, 1, 5), matrix(second, 1, 5));
  EXPECT_EQ(second, first);  // it may stay
  keys[2] = -1;
  hard_alignment(one.pairing(), pairs, -0.5F, matrix(first, 1, 5), matrix(second, 1, 5));
  EXPECT_EQ(second, (Values{0, 0, 0, 0, 1}));
  keys[4] = -1;
  hard_alignment(one.pairing(), pairs, -0.5F, matrix(second, 1, 5), matrix(first, 1, 5));
  EXPECT_EQ(first, Values(5, 0.0F));
  keys[4] = 1;
  hard_alignment(one.pairing(), pairs, -0.5F, matrix(first, 1, 5), matrix(second, 1, 5));
  EXPECT_EQ(second, Values(5, 0.0F));  // what has run off the end does not come back
}

}  // namespace
}  // namespace heed
