#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "gradient_check.h"
#include "heed/kernels/log_space.h"

namespace heed {
namespace {

using Inputs = std::span<const Variable>;
using Outputs = GradientCheck::Outputs;

constexpr int kVocabulary = 7;
constexpr int kHidden = 5;

/// Two sentences of 3 and 2 positions; 7 and 8 are words of the first, 7 one of the second.
struct Sources {
  std::vector<int> offsets = {0, 3};
  std::vector<int> lengths = {3, 2};
  std::vector<int> ids = {7, 4, 8, 7, 7};
  std::vector<int> sentence = {0, 1, 0, 1, 0};
  std::vector<int> labels = {7, 7, 4, 3, 8};

  Copying copying(const Variable& gate, const Variable& weights) const {
    return {gate, weights, sentence, {offsets, lengths, 3}, ids};
  }
};

Variable softmax_of(Tape& tape, const Variable& scores, const Sources& sources) {
  return attention_softmax(tape, scores, {sources.offsets, sources.lengths, 3}, sources.sentence);
}

class CopyOperations : public testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(Smoothing, CopyOperations, testing::Values(0.0, 0.2));

TEST_P(CopyOperations, GradientsOfTheMixture) {
  const Sources sources;
  GradientCheck check(3);
  check.input(5, kHidden);
  check.input(5, 1);
  check.input(5, 3);
  const Parameter& weight = check.parameter("weight", kHidden, kVocabulary, ParameterRole::kHoistedWeight);
  const Parameter& bias = check.parameter("bias", 1, kVocabulary, ParameterRole::kVector);
  check.run([&](Tape& tape, Inputs x) {
    const Variable weights = softmax_of(tape, x[2], sources);
    const Loss loss = copy_cross_entropy(tape, x[0], {&weight, &bias}, sources.copying(x[1], weights), sources.labels,
                                         {GetParam(), 0.5});
    return Outputs{{}, loss.total * 0.5};
  });
}

/// The mixture of one row, whose weights are what they are.
struct OneRow {
  double log_probability = 0;
  std::vector<float> gradients;  // of everything
};

OneRow mixture_of(float gate, const std::array<float, 3>& weights, int label, float logit) {
  const Sources sources;
  const std::vector<int> sentence = {0};
  const std::vector<int> labels = {label};
  Parameter weight{"weight", ParameterRole::kWeight, Buffer(kHidden, kVocabulary), 0, {}, {}};
  Parameter bias{"bias", ParameterRole::kVector, Buffer(1, kVocabulary), 1, {}, {}};
  for (std::int64_t i = 0; i < weight.value.view().size(); ++i) weight.value.view().data[i] = logit;
  ParameterList list([&](const ParameterVisitor& visitor) {
    visitor(weight);
    visitor(bias);
  });
  list.pack(Precision::kFloat32, true);
  Arena arena;
  Tape tape(arena, true);
  const Variable hidden = tape.variable(arena.zeros(1, kHidden));
  const Variable gates = tape.variable(arena.zeros(1, 1));
  const Variable looks = tape.variable(arena.zeros(1, 3));
  gates.value().data[0] = gate;
  hidden.value().data[0] = 1;
  std::copy(weights.begin(), weights.end(), looks.value().data);
  const Loss loss =
      copy_cross_entropy(tape, hidden, {&weight, &bias},
                         {gates, looks, sentence, {sources.offsets, sources.lengths, 3}, sources.ids}, labels);
  OneRow out{static_cast<double>(loss.log_probability[0]), {}};
  EXPECT_NEAR(loss.total, -out.log_probability, 1e-5 * std::abs(out.log_probability));
  tape.backward();
  GradientStore store(list);
  store.collect(tape);
  for (const Tensor& all : {hidden.gradient(), gates.gradient(), looks.gradient(), store.of(weight), store.of(bias)}) {
    out.gradients.insert(out.gradients.end(), all.data, all.data + all.size());
  }
  return out;
}

TEST(CopyLoss, IsTheMixtureOfEquationNine) {
  const OneRow row = mixture_of(0.4F, {0.5F, 0.3F, 0.2F}, 4, 0.0F);
  const double p_gen = 1 / (1 + std::exp(-0.4));
  EXPECT_NEAR(row.log_probability, std::log(p_gen / kVocabulary + (1 - p_gen) * 0.3), 1e-6);
}

// abisee/pointer-generator#4, #5: attention of 0, and a switch that saturates, gave NaN.
TEST(CopyLoss, IsFiniteWhateverTheNumbers) {
  for (const float gate : {0.0F, 30.0F, -30.0F, 120.0F, -120.0F, 1e6F, -1e6F}) {
    for (const std::array<float, 3>& weights :
         {std::array{0.0F, 0.0F, 0.0F}, {1.0F, 0.0F, 0.0F}, {0.0F, 1.0F, 0.0F}, {1e-38F, 1e-45F, 1.0F}}) {
      for (const int label : {3, 4, 7}) {
        for (const float logit : {0.0F, 1e4F}) {
          const OneRow row = mixture_of(gate, weights, label, logit);
          EXPECT_TRUE(std::isfinite(row.log_probability)) << gate << " " << label;
          EXPECT_LE(row.log_probability, 1e-6);
          for (const float gradient : row.gradients) EXPECT_TRUE(std::isfinite(gradient)) << gate << " " << label;
        }
      }
    }
  }
}

TEST(CopyLoss, ASaturatedSwitchStillLearns) {
  // All is generated, but the label is a word that can only be copied.
  const OneRow row = mixture_of(50.0F, {0.6F, 0.3F, 0.1F}, 7, 0.0F);
  EXPECT_NEAR(row.log_probability, -50 + std::log(0.6), 1e-4);
  EXPECT_NEAR(row.gradients[kHidden], 1.0F, 1e-6F);  // of the switch: down
}

TEST(LogSpace, SumsAndSigmoids) {
  for (const double x : {-200.0, -5.0, 0.0, 0.1, 7.0, 200.0}) {
    const double expected = x < 0 ? x - std::log1p(std::exp(x)) : -std::log1p(std::exp(-x));
    EXPECT_NEAR(static_cast<double>(log_sigmoid(static_cast<float>(x))), expected, 1e-6 * std::abs(expected) + 1e-12);
  }
  EXPECT_EQ(log_add_exp(kLogZero, kLogZero), kLogZero);
  EXPECT_EQ(log_add_exp(kLogZero, -3.0F), -3.0F);
  EXPECT_NEAR(log_add_exp(-1.0F, -2.0F), std::log(std::exp(-1.0F) + std::exp(-2.0F)), 1e-6F);
}

TEST(CoverageLoss, IsNothingAtTheFirstStep) {
  Arena arena;
  Tape tape(arena);
  const std::array steps = {tape.variable(2, 2), tape.variable(2, 2), tape.variable(1, 2)};
  const std::array<std::array<float, 4>, 3> values = {
      {{0.7F, 0.3F, 1.0F, 0.0F}, {0.9F, 0.1F, 0.25F, 0.75F}, {0.2F, 0.8F}}};
  for (std::size_t t = 0; t < steps.size(); ++t) {
    std::copy_n(values[t].begin(), steps[t].value().size(), steps[t].value().data);
  }
  EXPECT_EQ(coverage_loss(tape, std::span(steps).first(1), 1), 0.0);
  // Then min(0.9, 0.7) + min(0.1, 0.3) + min(0.25, 1) + min(0.75, 0).
  EXPECT_NEAR(coverage_loss(tape, std::span(steps).first(2), 1), 1.05, 1e-6);
  // Then, of the row that goes on, min(0.2, 1.6) + min(0.8, 0.4).
  EXPECT_NEAR(coverage_loss(tape, steps, 1), 1.65, 1e-6);
}

TEST(CoverageLoss, GradientsFlowThroughWeightsAndCoverage) {
  const Sources sources;
  GradientCheck check(5);
  check.all_used = false;  // where all weights of a step are less than their coverage, their sum is 1 whatever they are
  check.input(5, 3);
  check.input(5, 3);
  check.input(3, 3);
  check.input(2, 3);
  check.run([&](Tape& tape, Inputs x) {
    std::vector<Variable> weights;
    for (const Variable& scores : x) {
      weights.push_back(attention_softmax(tape, scores, {sources.offsets, sources.lengths, 3},
                                          std::span(sources.sentence).first(static_cast<std::size_t>(scores.rows()))));
    }
    return Outputs{{}, 0.7 * coverage_loss(tape, weights, 0.7)};
  });
}

TEST(AlignmentLoss, IsTheMeanLogarithmOfTheLinkedWeights) {
  Arena arena;
  Tape tape(arena);
  const std::array steps = {tape.variable(2, 2), tape.variable(1, 2)};
  const std::array<std::array<float, 4>, 2> values = {{{0.7F, 0.3F, 1.0F, 0.0F}, {0.25F, 0.75F}}};
  for (std::size_t t = 0; t < steps.size(); ++t) {
    std::copy_n(values[t].begin(), steps[t].value().size(), steps[t].value().data);
  }
  const std::array<int, 4> first = {0, 2, 2, 3};  // the second row has no link
  const std::array<int, 3> positions = {0, 1, 1};
  EXPECT_NEAR(alignment_loss(tape, steps, {first, positions}, 1), -(std::log(0.7) + std::log(0.3)) / 2 - std::log(0.75),
              1e-6);
  const std::array<int, 4> none = {0, 0, 0, 0};
  EXPECT_EQ(alignment_loss(tape, steps, {none, {}}, 1), 0);
}

TEST(AlignmentLoss, GradientsFlowToTheLinkedWeights) {
  const Sources sources;
  GradientCheck check(5);
  check.input(5, 3);
  check.input(2, 3);
  static const std::array<int, 8> first = {0, 1, 1, 2, 3, 4, 6, 7};
  static const std::array<int, 7> positions = {0, 0, 0, 0, 0, 0, 0};
  check.run([&](Tape& tape, Inputs x) {
    std::vector<Variable> weights;
    for (const Variable& scores : x) {
      weights.push_back(attention_softmax(tape, scores, {sources.offsets, sources.lengths, 3},
                                          std::span(sources.sentence).first(static_cast<std::size_t>(scores.rows()))));
    }
    return Outputs{{}, 0.7 * alignment_loss(tape, weights, {first, positions}, 0.7)};
  });
}

}  // namespace
}  // namespace heed
