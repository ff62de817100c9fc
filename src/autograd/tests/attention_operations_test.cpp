#include "gradient_check.h"
#include "three_sentences.h"

namespace heed {
namespace {

using Outputs = GradientCheck::Outputs;
using Inputs = std::span<const Variable>;

TEST(AttentionOperations, DotScores) {
  const ThreeSentences s;
  GradientCheck check;
  check.input(9, 6);
  check.input(4, 6);
  check.input(2, 6);
  check.run([&](Tape& tape, Inputs x) {
    const SourceMatrix keys = source_matrix(tape, x[0], s.rows());
    return Outputs{{dot_scores(tape, x[1], keys, s.first), dot_scores(tape, x[2], keys, s.second)}};
  });
}

TEST(AttentionOperations, AdditiveScores) {
  const ThreeSentences s;
  GradientCheck check;
  check.input(9, 6);
  check.input(4, 6);
  check.input(2, 6);
  const Parameter& v = check.parameter("v", 1, 6, ParameterRole::kVector);
  check.run([&](Tape& tape, Inputs x) {
    const SourceMatrix keys = source_matrix(tape, x[0], s.rows());
    const Variable of_tape = value_of(tape, v);
    return Outputs{
        {additive_scores(tape, x[1], keys, of_tape, s.first), additive_scores(tape, x[2], keys, of_tape, s.second)}};
  });
}

TEST(AttentionOperations, Softmax) {
  const ThreeSentences s;
  GradientCheck check;
  check.input(4, 5);
  check.run([&](Tape& tape, Inputs x) {
    const Variable weights = attention_softmax(tape, x[0], s.rows(), s.first);
    for (int r = 0; r < 4; ++r) {
      for (int i = s.lengths[s.first[r]]; i < 5; ++i) EXPECT_EQ(weights.value().row(r)[i], 0.0F);
    }
    return Outputs{{weights}};
  });
}

TEST(AttentionOperations, SparseNormalizers) {
  const ThreeSentences s;
  for (const auto normalize : {&attention_sparsemax, &attention_entmax15}) {
    GradientCheck check;
    check.kinks = true;
    check.input(4, 5);
    check.run([&](Tape& tape, Inputs x) {
      return Outputs{{normalize(tape, scale(tape, x[0], 0.5F), s.rows(), s.first, {})}};
    });
  }
}

// Windows that overlap, that end inside and with the sentence; two rows of one sentence.
TEST(AttentionOperations, WindowsWithAGaussian) {
  const ThreeSentences s;
  const std::vector<PositionWindow> windows = {{1, 4}, {0, 2}, {1, 3}, {0, 1}};
  const std::vector<PositionWindow> second = {{4, 5}, {0, 3}};
  GradientCheck check;
  check.input(9, 6);
  check.input(4, 6);
  check.input(4, 1);
  check.run([&](Tape& tape, Inputs x) {
    const SourceMatrix memory = source_matrix(tape, x[0], s.rows());
    const Variable scores = dot_scores(tape, x[1], memory, s.first, windows);
    const Variable near = add_log_gaussian(tape, scores, x[2], 1.5F, windows);
    const Variable weights = attention_softmax(tape, near, s.rows(), s.first, windows);
    for (int r = 0; r < 4; ++r) {
      for (int i = 0; i < 5; ++i) {
        const bool inside = i >= windows[r].first && i < windows[r].last;
        EXPECT_EQ(weights.value().row(r)[i] > 0, inside);
      }
    }
    const Variable context = weighted_sum(tape, weights, memory, s.first, windows);
    const Variable query = tape.view(context, 0, 2);
    const Variable again =
        attention_softmax(tape, dot_scores(tape, query, memory, s.second, second), s.rows(), s.second, second);
    return Outputs{{context, weights, weighted_sum(tape, again, memory, s.second, second)}};
  });
}

// One node for keys and values alike, read by both operations in two steps.
TEST(AttentionOperations, WeightedSumWithSeveralRowsOfASentence) {
  const ThreeSentences s;
  GradientCheck check;
  check.input(9, 6);
  check.input(4, 6);
  check.run([&](Tape& tape, Inputs x) {
    const SourceMatrix memory = source_matrix(tape, x[0], s.rows());
    const Variable weights = attention_softmax(tape, dot_scores(tape, x[1], memory, s.first), s.rows(), s.first);
    const Variable context = weighted_sum(tape, weights, memory, s.first);
    const Variable query = tape.view(context, 0, 2);
    const Variable again = attention_softmax(tape, dot_scores(tape, query, memory, s.second), s.rows(), s.second);
    return Outputs{{context, weighted_sum(tape, again, memory, s.second)}};
  });
}

TEST(AttentionOperations, AMemoryThatNobodyReadsHasNoGradient) {
  const ThreeSentences s;
  GradientCheck check;
  check.input(9, 6);
  check.run([&](Tape& tape, Inputs x) {
    source_matrix(tape, x[0], s.rows());
    return Outputs{{tanh(tape, x[0])}};
  });
}

// A step in which rows end, one in which new ones would begin from zero, with and without gates known before.
TEST(LstmOperation, StepsWithFewerRows) {
  GradientCheck check;
  check.input(6, 4 * 5);  // input projections of the gates: 4 rows, then 2
  check.input(4, 5);      // h, c before
  check.input(4, 5);
  const Parameter& recurrent = check.parameter("recurrent", 5, 20);
  const Parameter& bias = check.parameter("bias", 1, 20, ParameterRole::kVector);
  check.run([&](Tape& tape, Inputs x) {
    tape.gradient_replaces_value(x[0]);
    const Variable hidden = tape.variable(6, 5);
    const Variable cell = tape.variable(6, 5);
    RnnState before{x[1], x[2]};
    for (const auto& [first, rows] : {std::pair{0, 4}, std::pair{4, 2}}) {
      const RnnState out{tape.view(hidden, first, rows), tape.view(cell, first, rows)};
      const LinearTerm term{before.hidden, &recurrent};
      lstm_step(tape, {tape.view(x[0], first, rows), {&term, 1}, &bias, before.cell}, out);
      before = out;
    }
    return Outputs{{hidden, cell}};
  });
}

TEST(LstmOperation, StepsWithMoreRows) {
  GradientCheck check;
  check.input(1 + 3, 4 * 5);
  const Parameter& recurrent = check.parameter("recurrent", 5, 20);
  const Parameter& bias = check.parameter("bias", 1, 20, ParameterRole::kVector);
  check.run([&](Tape& tape, Inputs x) {
    tape.gradient_replaces_value(x[0]);
    const Variable hidden = tape.variable(4, 5);
    const Variable cell = tape.variable(4, 5);
    const RnnState first{tape.view(hidden, 0, 1), tape.view(cell, 0, 1)};
    lstm_step(tape, {tape.view(x[0], 0, 1), {}, &bias, {}}, first);
    const LinearTerm term{first.hidden, &recurrent};
    lstm_step(tape, {tape.view(x[0], 1, 3), {&term, 1}, &bias, first.cell},
              {tape.view(hidden, 1, 3), tape.view(cell, 1, 3)});
    return Outputs{{hidden, cell}};
  });
}

TEST(LstmOperation, OfProductsAlone) {
  GradientCheck check;
  check.input(3, 4);
  check.input(3, 5);
  check.input(3, 5);
  const Parameter& input = check.parameter("input", 4, 20);
  const Parameter& recurrent = check.parameter("recurrent", 5, 20);
  const Parameter& bias = check.parameter("bias", 1, 20, ParameterRole::kVector);
  check.run([&](Tape& tape, Inputs x) {
    const std::vector<LinearTerm> terms = {{x[0], &input}, {x[1], &recurrent}};
    const RnnState out{tape.variable(3, 5), tape.variable(3, 5)};
    lstm_step(tape, {{}, terms, &bias, x[2]}, out);
    return Outputs{{out.hidden, out.cell}};
  });
}

}  // namespace
}  // namespace heed
