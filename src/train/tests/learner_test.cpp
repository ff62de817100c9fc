#include "heed/train/learner.h"

#include <gtest/gtest.h>

#include <limits>

#include "error_of.h"
#include "heed/train/updater.h"

namespace heed {
namespace {

/// p(label) = softmax(x W + b)
struct Classifier : Module {
  Parameter weight = make_weight("weight", 3, 4), bias = make_vector("bias", 4);
  void visit(const ParameterVisitor& visitor) override {
    visitor(weight);
    visitor(bias);
  }
  /// Of the unit vectors, each of which is to have its own label.
  double loss(Tape& tape) const {
    const Variable x = tape.variable(tape.arena().zeros(3, 3));
    for (int i = 0; i < 3; ++i) x.value().row(i)[i] = 1;
    return cross_entropy(tape, x, {&weight, &bias}, std::vector<int>{0, 1, 2}, {0, 1.0 / 3}).total / 3;
  }
};

TEST(Learner, LearnsAndTheWeightsCanBeUsedAtOnce) {
  for (const std::string optimizer : {"adam", "sgd"}) {
    Classifier model;
    Rng rng(1);
    initialize(model, rng);
    Learner learner(model, optimizer);
    const auto loss = [&](Tape& tape) { return model.loss(tape); };
    const double first = learner.update(loss, {.learning_rate = 0.1, .clip_norm = 0});
    double last = 0;
    for (int i = 0; i < 200; ++i) last = learner.update(loss, {.learning_rate = 0.1, .clip_norm = 0});
    EXPECT_LT(last, first / 3) << optimizer;
    Arena arena;
    Tape tape(arena);
    EXPECT_LT(model.loss(tape), last) << optimizer;  // one update later
  }
}

TEST(Learner, ClipsTheGradient) {
  const auto change = [](double clip_norm) {
    Classifier model;
    Rng rng(1);
    initialize(model, rng);
    const Tensor& value = model.weight.value.view();
    const float before = value.data[0];
    Learner(model, "sgd")
        .update([&](Tape& tape) { return model.loss(tape); }, {.learning_rate = 1, .clip_norm = clip_norm});
    return std::abs(value.data[0] - before);
  };
  EXPECT_LT(change(1e-3), 1e-3F);
  EXPECT_GT(change(0), 1e-2F);
}

TEST(Learner, LeavesTheWeightsWhereTheLossIsNotFinite) {
  Classifier model;
  Rng rng(1);
  initialize(model, rng);
  Learner learner(model);
  const float before = model.weight.value.view().data[0];
  const auto loss = [&](Tape& tape) { return model.loss(tape) + std::numeric_limits<double>::infinity(); };
  EXPECT_EQ(error_of<NotFinite>([&] { learner.update(loss); }).find("update 1: the loss is inf"), 0U);
  EXPECT_EQ(model.weight.value.view().data[0], before);
  EXPECT_EQ(error_of<UsageError>([&] { Learner(model, "adma"); }), "unknown optimizer 'adma'; did you mean 'adam'?");
}

}  // namespace
}  // namespace heed
