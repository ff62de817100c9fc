#include <gtest/gtest.h>

#include <cmath>

#include "gradient_check.h"
#include "heed/kernels/softmax.h"

namespace heed {
namespace {

using Inputs = std::span<const Variable>;
using Outputs = GradientCheck::Outputs;

constexpr int kWords = 7;
constexpr int kWidth = 5;

struct TwoSentences {
  std::vector<int> offsets = {0, 3};
  std::vector<int> lengths = {3, 2};
  std::vector<int> sentence;
  std::vector<int> labels;

  /// More rows than a block of pairs has room for.
  explicit TwoSentences(int rows) {
    for (int r = 0; r < rows; ++r) {
      sentence.push_back(r % 2);
      labels.push_back((3 * r) % kWords);
    }
  }
  SentenceRows rows() const { return {offsets, lengths, 3}; }
};

TEST(PositionMixture, GradientsOfTheExactSum) {
  constexpr int kRows = 6;
  const TwoSentences sentences(kRows);
  Buffer mask(kRows, kWidth);
  for (std::int64_t i = 0; i < mask.view().size(); ++i) mask.view().data[i] = i % 4 == 0 ? 0.0F : 4.0F / 3;
  for (const bool dropped : {false, true}) {
    GradientCheck check(4);
    check.input(kRows, kWidth);
    check.input(5, kWidth);
    check.input(kRows, 3);
    const Parameter& weight = check.parameter("weight", kWidth, kWords, ParameterRole::kHoistedWeight);
    const Parameter& bias = check.parameter("bias", 1, kWords, ParameterRole::kVector);
    check.run([&](Tape& tape, Inputs x) {
      const Variable weights = attention_softmax(tape, x[2], sentences.rows(), sentences.sentence);
      const PositionStates states{x[0], x[1], dropped ? mask.view() : Tensor{}, sentences.sentence, sentences.rows()};
      const Variable emitted = position_log_probability(tape, states, {&weight, &bias}, sentences.labels);
      const Loss loss = marginal_loss(tape, weights, emitted, {sentences.rows(), sentences.sentence}, 0.5);
      return Outputs{{}, 0.5 * loss.total};
    });
  }
}

struct Layer {
  Parameter weight{"weight", ParameterRole::kWeight, Buffer(kWidth, kWords), 0, {}, {}};
  Parameter bias{"bias", ParameterRole::kVector, Buffer(1, kWords), 1, {}, {}};
  ParameterList list{[this](const ParameterVisitor& visitor) {
    visitor(weight);
    visitor(bias);
  }};

  Layer() {
    randomize(weight.value.view(), 1);
    randomize(bias.value.view(), 2);
    list.pack(Precision::kFloat32, true);
  }
};

Variable random_variable(Tape& tape, std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  const Variable out = tape.variable(rows, columns);
  randomize(out.value(), seed);
  return out;
}

TEST(PositionMixture, ARowDoesNotDependOnTheBlocks) {
  const Layer layer;
  const TwoSentences many(300);
  Arena arena;
  Tape tape(arena);
  const Variable positions = random_variable(tape, 5, kWidth, 3);
  const Variable rows = random_variable(tape, 300, kWidth, 4);
  const Variable all = position_log_probability(tape, {rows, positions, {}, many.sentence, many.rows()},
                                                {&layer.weight, &layer.bias}, many.labels);
  for (const std::size_t row : {0U, 101U, 102U, 103U, 299U}) {
    const Variable one = tape.view(rows, static_cast<std::int64_t>(row), 1);
    const Variable alone =
        position_log_probability(tape, {one, positions, {}, std::span(many.sentence).subspan(row, 1), many.rows()},
                                 {&layer.weight, &layer.bias}, std::span(many.labels).subspan(row, 1));
    for (int s = 0; s < 3; ++s) {
      EXPECT_EQ(all.value().row(static_cast<std::int64_t>(row))[s], alone.value().row(0)[s]);
    }
  }
}

TEST(PositionMixture, IsFiniteWhateverTheWeights) {
  const TwoSentences sentences(1);
  for (const std::vector<float>& weights : {std::vector<float>{0, 0, 0}, {1, 0, 0}, {1e-38F, 1e-45F, 1}}) {
    for (const float emission : {0.0F, -1e4F}) {
      Arena arena;
      Tape tape(arena, true);
      const Variable alpha = tape.variable(1, 3);
      const Variable emitted = tape.variable(1, 3);
      for (int s = 0; s < 3; ++s) {
        alpha.value().data[s] = weights[static_cast<std::size_t>(s)];
        emitted.value().data[s] = emission * static_cast<float>(1 + s);
      }
      const Loss loss = marginal_loss(tape, alpha, emitted, {sentences.rows(), sentences.sentence}, 1);
      EXPECT_TRUE(std::isfinite(loss.total));
      for (int s = 0; s < 3; ++s) {
        EXPECT_TRUE(std::isfinite(alpha.gradient().data[s]));
        EXPECT_TRUE(std::isfinite(emitted.gradient().data[s]));
      }
    }
  }
}

TEST(PositionMixture, ProbabilitiesOfAStepSumToOne) {
  std::vector<float> numbers(3 * kWords);
  const Tensor logits{numbers.data(), 3, kWords};
  randomize(logits, 8, 3);
  std::vector<float> log_sum(3);
  log_sum_exp(logits, nullptr, log_sum);
  std::vector<float> out(kWords);
  marginal_log_probability(std::vector<float>{0.5F, 0.0F, 0.5F}, logits, log_sum, out);
  double sum = 0;
  for (const float log_p : out) sum += std::exp(static_cast<double>(log_p));
  EXPECT_NEAR(sum, 1.0, 1e-5);
}

}  // namespace
}  // namespace heed
