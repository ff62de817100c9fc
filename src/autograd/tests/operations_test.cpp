#include "heed/autograd/operations.h"

#include <algorithm>
#include <array>

#include "error_of.h"
#include "gradient_check.h"

namespace heed {
namespace {

using Outputs = GradientCheck::Outputs;
using Inputs = std::span<const Variable>;

TEST(Operations, Embedding) {
  GradientCheck check;
  const Parameter& table = check.parameter("table", 5, 7, ParameterRole::kEmbedding);
  const std::vector<int> ids = {4, 0, 4, 2, 1, 4, 3};
  check.run([&](Tape& tape, Inputs) { return Outputs{{embedding(tape, table, ids)}}; });
}

TEST(Operations, EmbeddingRefusesIdsOutsideTheTable) {
  const Parameter table{"source.embedding", ParameterRole::kEmbedding, Buffer(5, 2), 0, {}, {}};
  Arena arena;
  Tape tape(arena);
  for (const int id : {-1, 5}) {
    const std::string text = error_of([&] { embedding(tape, table, std::vector<int>{0, id}); });
    EXPECT_NE(text.find(std::to_string(id)), std::string::npos) << text;
    EXPECT_NE(text.find("source.embedding of 5 rows"), std::string::npos) << text;
  }
}

class LinearTerms : public testing::TestWithParam<ParameterRole> {};
INSTANTIATE_TEST_SUITE_P(Roles, LinearTerms, testing::Values(ParameterRole::kWeight, ParameterRole::kHoistedWeight));

TEST_P(LinearTerms, OneToThreeWithAndWithoutBias) {
  for (const bool with_bias : {false, true}) {
    for (int terms = 1; terms <= 3; ++terms) {
      GradientCheck check;
      std::vector<const Parameter*> weights;
      for (int i = 0; i < terms; ++i) {
        check.input(4, 3 + i);
        weights.push_back(&check.parameter("weight " + std::to_string(i), 3 + i, 5, GetParam()));
      }
      const Parameter* bias = with_bias ? &check.parameter("bias", 1, 5, ParameterRole::kVector) : nullptr;
      check.run([&](Tape& tape, Inputs x) {
        if (terms == 1) return Outputs{{linear(tape, {{x[0], weights[0]}}, bias)}};
        if (terms == 2) return Outputs{{linear(tape, {{x[0], weights[0]}, {x[1], weights[1]}}, bias)}};
        return Outputs{{linear(tape, {{x[0], weights[0]}, {x[1], weights[1]}, {x[2], weights[2]}}, bias)}};
      });
    }
  }
}

// Anew, and into rows of something larger whose other rows are read too.
TEST_P(LinearTerms, TanhOfASum) {
  for (const bool with_bias : {false, true}) {
    GradientCheck check;
    check.input(4, 3);
    check.input(4, 6);
    const Parameter& first = check.parameter("first", 3, 5, GetParam());
    const Parameter& second = check.parameter("second", 6, 5, GetParam());
    const Parameter* bias = with_bias ? &check.parameter("bias", 1, 5, ParameterRole::kVector) : nullptr;
    check.run([&](Tape& tape, Inputs x) {
      const Variable once = tanh_linear(tape, {{x[0], &first}}, bias);
      const Variable whole = tape.variable(8, 5);
      const std::array terms = {LinearTerm{x[0], &first}, LinearTerm{x[1], &second}};
      const Variable below = tanh_linear(tape, terms, bias, tape.view(whole, 4, 4));
      const std::array again = {LinearTerm{x[1], &second}};
      tanh_linear(tape, again, bias, tape.view(whole, 0, 4));
      return Outputs{{once, whole, multiply(tape, below, once)}};
    });
  }
}

TEST(Operations, LinearTwiceWithTheSameWeight) {
  GradientCheck check;
  check.input(2, 4);
  const Parameter& weight = check.parameter("weight", 4, 4);
  check.run([&](Tape& tape, Inputs x) {
    const Variable once = tanh(tape, linear(tape, {{x[0], &weight}}));
    return Outputs{{linear(tape, {{once, &weight}}), once}};
  });
}

TEST(Operations, GatherRows) {
  GradientCheck check;
  check.input(4, 5);
  const std::vector<int> indices = {3, 0, 3, 3, 1, 2};
  check.run([&](Tape& tape, Inputs x) { return Outputs{{gather_rows(tape, x[0], indices)}}; });
}

TEST(Operations, ConcatRows) {
  GradientCheck check;
  check.input(1, 3);
  check.input(4, 3);
  check.input(2, 3);
  check.run([&](Tape& tape, Inputs x) {
    const Variable out = concat_rows(tape, std::vector<Variable>{x[0], x[1], x[2], x[1]});
    EXPECT_EQ(out.rows(), 11);
    return Outputs{{out}};
  });
}

TEST(Operations, ConcatColumns) {
  GradientCheck check;
  check.input(3, 2);
  check.input(3, 5);
  check.run([&](Tape& tape, Inputs x) { return Outputs{{concat_columns(tape, std::array{x[0], x[1], x[0]})}}; });
}

TEST(Operations, AddAndMultiply) {
  GradientCheck check;
  check.input(3, 5);
  check.input(3, 5);
  check.run([&](Tape& tape, Inputs x) {
    return Outputs{
        {add(tape, x[0], x[1]), multiply(tape, x[0], x[1]), add(tape, x[0], x[0]), multiply(tape, x[1], x[1])}};
  });
}

TEST(Operations, ScaleByALearnedFactorAndWeightNorm) {
  GradientCheck check;
  check.input(3, 5);
  check.input(1, 1);
  check.run([&](Tape& tape, Inputs x) {
    const Variable normed = weight_norm(tape, x[0], x[1]);
    double squares = 0;
    for (int i = 0; i < 15; ++i) squares += std::pow(static_cast<double>(normed.value().data[i]), 2);
    EXPECT_NEAR(std::sqrt(squares), std::abs(static_cast<double>(x[1].value().data[0])), 1e-5);
    return Outputs{{scale(tape, x[0], x[1]), normed}};
  });
}

TEST(Operations, ResizeColumns) {
  GradientCheck check;
  check.input(3, 5);
  check.run([&](Tape& tape, Inputs x) {
    const Variable wider = resize_columns(tape, x[0], 7, 9.0F);
    EXPECT_EQ(wider.value().row(1)[6], 9.0F);
    return Outputs{{wider, resize_columns(tape, x[0], 2, 9.0F)}};
  });
}

TEST(Operations, TanhAndSigmoid) {
  GradientCheck check;
  check.input(3, 17);
  check.run([&](Tape& tape, Inputs x) { return Outputs{{tanh(tape, x[0]), sigmoid(tape, x[0])}}; });
}

TEST(Operations, ViewsShareValueAndGradient) {
  GradientCheck check;
  check.input(5, 3);
  check.run([&](Tape& tape, Inputs x) {
    const Variable inner = tape.view(tape.view(x[0], 1, 3), 1, 2);
    return Outputs{{tanh(tape, tape.view(x[0], 0, 4)), multiply(tape, inner, inner), x[0]}};
  });
}

TEST(Operations, Dropout) {
  GradientCheck check;
  check.same_without_tape = false;
  check.input(6, 9);
  check.run([&](Tape& tape, Inputs x) {
    Rng rng(3);
    return Outputs{{dropout(tape, x[0], 0.4, &rng)}};
  });
}

TEST(Operations, DropoutScalesWhatItKeeps) {
  Arena arena;
  Tape recording(arena, true);
  Tape inference(arena);
  const Variable x = recording.variable(100, 100);
  std::fill_n(x.value().data, 10000, 1.0F);
  Rng rng(1);
  const Variable out = dropout(recording, x, 0.25, &rng);
  double zeros = 0;
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    zeros += out.value().data[i] == 0.0F ? 1 : 0;
    sum += static_cast<double>(out.value().data[i]);
  }
  EXPECT_NEAR(zeros / 10000, 0.25, 0.02);
  EXPECT_NEAR(sum / 10000, 1.0, 0.03);
  // x itself, not a copy.
  EXPECT_EQ(dropout(recording, x, 0.0, &rng).value().data, x.value().data);
  EXPECT_EQ(dropout(inference, x, 0.25, nullptr).value().data, x.value().data);
}

TEST(Operations, DropoutOfRowsKeepsOrDropsEachWhole) {
  GradientCheck check;
  check.same_without_tape = false;
  check.input(20, 3);
  check.run([&](Tape& tape, Inputs x) {
    Rng rng(3);
    const Variable out = dropout_rows(tape, x[0], 0.4, &rng);
    int dropped = 0;
    for (std::int64_t r = 0; r < (tape.recording() ? 20 : 0); ++r) {
      const float factor = out.value().row(r)[0] / x[0].value().row(r)[0];
      for (int c = 0; c < 3; ++c) EXPECT_FLOAT_EQ(out.value().row(r)[c], factor * x[0].value().row(r)[c]);
      dropped += factor == 0 ? 1 : 0;
    }
    EXPECT_NEAR(dropped, tape.recording() ? 8 : 0, 5);
    return Outputs{{out}};
  });
}

// A mask of more rows than x, and of fewer: sequences begin and end.
TEST(Operations, AMaskServesTheRowsThatBothHave) {
  for (const std::int64_t rows : {3, 7}) {
    GradientCheck check;
    check.input(5, 2);
    Arena arena;
    const Tensor mask = arena.tensor(rows, 2);
    for (std::int64_t i = 0; i < mask.size(); ++i) mask.data[i] = static_cast<float>(i % 3);
    check.run([&](Tape& tape, Inputs x) {
      const Variable out = masked(tape, x[0], mask);
      EXPECT_EQ(out.rows(), std::min<std::int64_t>(rows, 5));
      EXPECT_EQ(masked(tape, x[0], {}).value().data, x[0].value().data);
      return Outputs{{out}};
    });
  }
}

TEST(Operations, CrossEntropyOverSeveralBlocksOfRows) {
  for (const double smoothing : {0.0, 0.1}) {
    GradientCheck check;
    constexpr int kRows = 1100;  // two whole blocks and a part
    check.input(kRows / 100, 3);
    const Parameter& weight = check.parameter("weight", 3, 7);
    const Parameter& bias = check.parameter("bias", 1, 7, ParameterRole::kVector);
    std::vector<int> labels;
    std::vector<int> rows;
    for (int i = 0; i < kRows; ++i) {
      labels.push_back(i * i % 7);
      rows.push_back(i % (kRows / 100));
    }
    check.run([&](Tape& tape, Inputs x) {
      const Variable hidden = gather_rows(tape, x[0], rows);
      const Loss loss = cross_entropy(tape, hidden, {&weight, &bias}, labels, {smoothing, 0.01});
      if (smoothing == 0) {
        double sum = 0;
        for (const float log_p : loss.log_probability) sum -= static_cast<double>(log_p);
        EXPECT_NEAR(loss.total, sum, 1e-5 * sum);
      }
      return Outputs{{}, loss.total * 0.01};
    });
  }
}

TEST(Operations, AnInferenceTapeRecordsNothing) {
  Arena arena;
  Tape tape(arena);
  EXPECT_FALSE(tape.recording());
  const Variable x = tape.variable(3, 3);
  std::fill_n(x.value().data, 9, 0.5F);
  const Variable out = multiply(tape, tanh(tape, x), sigmoid(tape, x));
  tape.record([] { FAIL() << "recorded"; });
  out.gradient().data[0] = 1;
  tape.backward();
  EXPECT_FALSE(x.has_gradient());
}

TEST(Operations, NothingFlowsIntoWhatNobodyUsed) {
  GradientCheck check;
  check.input(2, 3);
  check.input(2, 3);
  check.all_used = false;
  check.run([&](Tape& tape, Inputs x) {
    const Variable unused = multiply(tape, tanh(tape, x[1]), x[0]);
    EXPECT_FALSE(unused.has_gradient());
    return Outputs{{sigmoid(tape, x[0])}};
  });
}

}  // namespace
}  // namespace heed
