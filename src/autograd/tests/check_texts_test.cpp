// What the checks of operations say.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "error_of.h"
#include "heed/autograd/operations.h"

namespace heed {
namespace {

TEST(CheckTexts, SayWhatDoesNotFit) {
  const auto message = [](auto call) {
    Arena arena;
    Tape tape(arena, true);
    return error_of([&] { call(tape); });
  };
  Parameter weight{"decoder.0.input", ParameterRole::kWeight, Buffer(256, 8), 0, {}, {}};
  EXPECT_EQ(message([&](Tape& tape) {
              linear(tape, {{tape.variable(64, 512), &weight}});
            }),
            "linear: x is [64, 512], weight 'decoder.0.input' has 256 rows");
  EXPECT_EQ(message([&](Tape& tape) {
              linear(tape, {{tape.variable(64, 256), &weight}});
            }),
            "linear: weight 'decoder.0.input' is not packed: call ParameterList::pack(precision, true)");
  weight.forward.pack(weight.value.view(), false, Precision::kFloat32);
  EXPECT_EQ(message([&](Tape& tape) {
              linear(tape, {{tape.variable(64, 256), &weight}});
            }),
            "linear: weight 'decoder.0.input' is not packed for the backward pass: call ParameterList::pack(precision, "
            "true)");
  weight.role = ParameterRole::kVector;
  EXPECT_EQ(message([&](Tape& tape) {
              linear(tape, {{tape.variable(64, 256), &weight}});
            }),
            "linear: 'decoder.0.input' has another role than a weight's, so ParameterList::pack() leaves it out");
  EXPECT_EQ(message([&](Tape& tape) { add(tape, tape.variable(2, 3), tape.variable(3, 3)); }),
            "add: a is [2, 3], b is [3, 3]");
  EXPECT_EQ(message([&](Tape& tape) { scale(tape, tape.variable(2, 3), tape.variable(2, 1)); }),
            "scale: factor is [2, 1], not [1, 1]");
  EXPECT_EQ(message([&](Tape& tape) { tanh(tape, {}); }), "tanh: x is empty");
  EXPECT_EQ(message([&](Tape& tape) {
              gather_rows(tape, tape.variable(2, 3), std::vector<int>{0, 2});
            }),
            "gather_rows: indices[1] is 2, of 2");
  EXPECT_EQ(message([&](Tape& tape) { tape.view(tape.variable(2, 3), 1, 2); }), "view: rows 1 to 2, but x is [2, 3]");
  EXPECT_EQ(message([&](Tape& tape) { add_to_gates(tape, tape.variable(2, 4), tape.variable(2, 4)); }),
            "add_to_gates: the gradient of gates does not replace the value: call Tape::gradient_replaces_value()");
  const std::vector<int> offsets = {0, 3}, lengths = {3, 1}, sentence = {1, 2};
  EXPECT_EQ(message([&](Tape& tape) {
              const SourceMatrix keys = source_matrix(tape, tape.variable(4, 5), {offsets, lengths, 3});
              dot_scores(tape, tape.variable(2, 5), keys, sentence);
            }),
            "dot_scores: sentence[1] is 2, of 2");
  EXPECT_EQ(message([&](Tape& tape) {
              source_matrix(tape, tape.variable(3, 5), {offsets, lengths, 3});
            }),
            "source_matrix: sentence 1 is rows 3 to 3, of 3");
}

}  // namespace
}  // namespace heed
