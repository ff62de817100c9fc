#include "heed/autograd/parameter.h"

#include <algorithm>
#include <cmath>

#include "gradient_check.h"
#include "heed/kernels/elementwise.h"

namespace heed {
namespace {

struct Model {
  Parameter table{"table", ParameterRole::kEmbedding, Buffer(9, 3), -1, {}, {}};
  Parameter weight{"weight", ParameterRole::kWeight, Buffer(3, 5), -1, {}, {}};
  Parameter hoisted{"hoisted", ParameterRole::kHoistedWeight, Buffer(5, 4), -1, {}, {}};
  Parameter bias{"bias", ParameterRole::kVector, Buffer(1, 4), -1, {}, {}};
  ParameterList list{[this](const ParameterVisitor& visitor) {
    for (Parameter* parameter : {&table, &weight, &hoisted, &bias}) visitor(*parameter);
  }};

  Model() { change(1); }
  void change(std::uint64_t seed) {
    for (Parameter* parameter : list.all()) randomize(parameter->value.view(), seed++);
  }
  Variable forward(Tape& tape, std::span<const int> ids) {
    const Variable inner = tanh(tape, linear(tape, {{embedding(tape, table, ids), &weight}}));
    return linear(tape, {{inner, &hoisted}}, &bias);
  }
  void backward(Tape& tape, std::span<const int> ids) {
    const Variable out = forward(tape, ids);
    std::fill_n(out.gradient().data, out.value().size(), 1.0F);
    tape.backward();
  }
  // Gradients of the sum of all outputs, in a store that was used before or not.
  std::vector<float> gradients(GradientStore& store, std::span<const int> ids) {
    list.pack(Precision::kFloat32, true);
    Arena arena;
    Tape tape(arena, true);
    backward(tape, ids);
    store.collect(tape);
    return {store.flat().data, store.flat().data + store.flat().size()};
  }
  std::vector<float> values() {
    Arena arena;
    Tape tape(arena);
    const Variable out = forward(tape, std::vector<int>{1, 5, 7});
    return {out.value().data, out.value().data + out.value().size()};
  }
};

std::vector<float> transposed_product(const Parameter& weight) {
  const Buffer x(2, weight.out());
  randomize(x.view(), 3);
  const Buffer y(2, weight.in());
  matmul(x.view(), weight.backward, y.view(), Accumulate::kNo);
  return {y.view().data, y.view().data + y.view().size()};
}

TEST(ParameterList, GivesIndexAndPlaceInOrder) {
  const Model model;
  EXPECT_EQ(model.list.all().size(), 4U);
  EXPECT_EQ(model.table.index, 0);
  EXPECT_EQ(model.bias.index, 3);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(model.list.offset(i) % 16, 0);
    const std::int64_t end = i < 3 ? model.list.offset(i + 1) : model.list.total();
    EXPECT_GE(end, model.list.offset(i) + model.list.all()[i]->size());
  }
}

TEST(ParameterList, PacksInAnyNumberOfParts) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    for (int parts = 1; parts <= 9; ++parts) {
      Model model;
      for (int part = 0; part < parts; ++part) model.list.pack(precision, true, part, parts);
      Model whole;
      whole.list.pack(precision, true);
      EXPECT_EQ(model.values(), whole.values()) << parts;
      EXPECT_EQ(transposed_product(model.weight), transposed_product(whole.weight)) << parts;
      EXPECT_EQ(transposed_product(model.hoisted), transposed_product(whole.hoisted)) << parts;
      for (int part = 0; part < parts; ++part) model.list.pack(precision, false, part, parts);
      EXPECT_EQ(model.values(), whole.values()) << parts;
      for (const Parameter* parameter : model.list.all()) EXPECT_TRUE(parameter->backward.empty());
    }
  }
}

// A hoisted weight is packed for bfloat16 and lies as it is for float32.
TEST(ParameterList, PacksInOnePrecisionAfterTheOther) {
  Model model;
  for (const Precision precision : {Precision::kBfloat16, Precision::kFloat32, Precision::kBfloat16}) {
    model.list.pack(precision, true);
    Model fresh;
    fresh.list.pack(precision, true);
    EXPECT_EQ(model.values(), fresh.values());
    EXPECT_EQ(transposed_product(model.hoisted), transposed_product(fresh.hoisted));
  }
}

TEST(ParameterList, PackingFollowsTheValuesInAnyOrderOfUses) {
  Model model;
  std::uint64_t seed = 10;
  for (const bool for_training : {true, false, true, true, false, false, true}) {
    model.change(seed);
    model.list.pack(Precision::kFloat32, for_training);
    Model fresh;
    fresh.change(seed);
    fresh.list.pack(Precision::kFloat32, for_training);
    EXPECT_EQ(model.values(), fresh.values()) << seed;
    if (for_training) {
      GradientStore store(model.list);
      GradientStore fresh_store(fresh.list);
      const std::vector<int> ids = {1, 2};
      EXPECT_EQ(model.gradients(store, ids), fresh.gradients(fresh_store, ids)) << seed;
    }
    ++seed;
  }
}

TEST(GradientStore, ABatchSeesNothingOfTheOneBefore) {
  Model model;
  GradientStore used(model.list);
  for (const std::vector<int>& ids : {std::vector{0, 1, 2, 2}, std::vector{7, 8}, std::vector{3}, std::vector{0, 8}}) {
    GradientStore fresh(model.list);
    EXPECT_EQ(model.gradients(used, ids), model.gradients(fresh, ids));
  }
}

TEST(GradientStore, WeightsThatABatchDoesNotUseAreZero) {
  Model model;
  GradientStore store(model.list);
  model.gradients(store, std::vector<int>{0, 1});
  Arena arena;
  Tape tape(arena, true);
  const Variable out = embedding(tape, model.table, std::vector<int>{4});
  out.gradient().data[0] = 2;
  tape.backward();
  store.collect(tape);
  for (std::int64_t i = 0; i < store.flat().size(); ++i) EXPECT_EQ(store.flat().data[i], i == 4 * 3 ? 2.0F : 0.0F) << i;
  EXPECT_EQ(store.norm(), 2.0);
}

// A row that a batch reads, and the output layer that is all of the table.
TEST(GradientStore, ATiedTableHasTheGradientsOfBothUses) {
  Parameter table{"table", ParameterRole::kEmbedding, Buffer(9, 3), -1, {}, {}};
  table.tied = true;
  Parameter bias{"bias", ParameterRole::kVector, Buffer(1, 9), -1, {}, {}};
  ParameterList list([&](const ParameterVisitor& visitor) {
    visitor(table);
    visitor(bias);
  });
  randomize(table.value.view(), 1);
  list.pack(Precision::kFloat32, true);
  GradientStore store(list);
  const auto gradients = [&](bool reads, bool says) {
    Arena arena;
    Tape tape(arena, true);
    const Variable x = embedding(tape, table, std::vector<int>{4, 4});
    if (reads) x.gradient().data[1] = 2;
    const Variable hidden = tape.variable(arena.zeros(2, 3));
    std::fill_n(hidden.value().data, 6, 0.5F);
    if (says) cross_entropy(tape, hidden, {&table, &bias}, std::vector<int>{5, 6});
    tape.backward();
    store.collect(tape);
    EXPECT_NEAR(store.norm(), std::sqrt(sum_of_squares(store.flat().data, store.flat().size())), 1e-6);
    const Tensor all = store.of(table);
    return std::vector<float>(all.data, all.data + all.size());
  };
  const std::vector<float> said = gradients(false, true);
  std::vector<float> both = gradients(true, true);
  EXPECT_NE(said[0], 0.0F);
  EXPECT_EQ(both[4 * 3 + 1], said[4 * 3 + 1] + 2);
  both[4 * 3 + 1] = said[4 * 3 + 1];
  EXPECT_EQ(both, said);
  std::vector<float> read(27, 0.0F);
  read[4 * 3 + 1] = 2;
  EXPECT_EQ(gradients(true, false), read) << "of the batch before";
}

// The parts of a batch on tapes of their own, collected in shares, are the batch on one tape.
TEST(GradientStore, SumsTapesInAnyNumberOfShares) {
  Model model;
  model.list.pack(Precision::kFloat32, true);
  GradientStore whole(model.list);
  const std::vector<float> expected = model.gradients(whole, std::vector<int>{0, 1, 2, 3, 8, 3});
  Arena arenas[3];
  Tape first(arenas[0], true);
  Tape second(arenas[1], true);
  const Tape idle(arenas[2], true);  // a worker without sentences
  model.backward(first, std::vector<int>{0, 1});
  model.backward(second, std::vector<int>{2, 3, 8, 3});
  const std::vector<const Tape*> tapes = {&first, &second, &idle};
  for (int parts = 1; parts <= 5; ++parts) {
    GradientStore store(model.list);
    for (int part = 0; part < parts; ++part) store.collect(tapes, part, parts);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(store.flat().data[i], expected[i], 1e-5F * std::max(1.0F, std::abs(expected[i]))) << i;
    }
    EXPECT_NEAR(store.norm(), whole.norm(), 1e-5 * whole.norm());
  }
}

// More numbers than are summed at once.
TEST(GradientStore, AddsWhatTapesHaveOfAWeightAsAWhole) {
  Parameter weight{"weight", ParameterRole::kWeight, Buffer(50, 101), -1, {}, {}};
  ParameterList list([&](const ParameterVisitor& visitor) { visitor(weight); });
  const std::int64_t size = weight.size();
  for (const int sums : {0, 1, 3}) {
    GradientStore store(list);
    std::vector<float> expected(static_cast<std::size_t>(size));
    for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes, Accumulate::kNo}) {
      if (accumulate == Accumulate::kNo) std::ranges::fill(expected, 0.0F);
      Arena arena;
      Tape tape(arena, true);
      for (int s = 0; s < sums; ++s) {
        const Tensor sum = arena.zeros(50, 101);
        for (std::int64_t i = 0; i < size; ++i) {
          sum.data[i] = static_cast<float>((i + s) % 7 - 3);
          expected[static_cast<std::size_t>(i)] += sum.data[i];
        }
        tape.add_gradient(weight, sum);
      }
      const Tape* const tapes[] = {&tape};
      store.collect(tapes, 0, 1, accumulate);
      const Tensor gradient = store.of(weight);
      EXPECT_EQ(std::vector<float>(gradient.data, gradient.data + size), expected) << sums;
      EXPECT_NEAR(store.norm(), std::sqrt(sum_of_squares(expected.data(), size)), 1e-4);
    }
  }
}

TEST(GradientStore, NormIsThatOfAllGradients) {
  Model model;
  GradientStore store(model.list);
  double squares = 0;
  for (const float gradient : model.gradients(store, std::vector<int>{5, 5, 1})) {
    squares += static_cast<double>(gradient) * static_cast<double>(gradient);
  }
  EXPECT_NEAR(store.norm(), std::sqrt(squares), 1e-5 * std::sqrt(squares));
}

TEST(Tape, ClearForgetsWhatWasRecorded) {
  Model model;
  GradientStore store(model.list);
  model.list.pack(Precision::kFloat32, true);
  Arena arena;
  Tape tape(arena, true);
  for (const bool interrupted : {true, false}) {
    tape.clear();
    arena.reset();
    const Variable out = model.forward(tape, std::vector<int>{2, 3});
    if (interrupted) continue;  // an exception came between
    std::fill_n(out.gradient().data, out.value().size(), 1.0F);
    tape.backward();
  }
  store.collect(tape);
  const std::vector<float> actual(store.flat().data, store.flat().data + store.flat().size());
  GradientStore fresh(model.list);
  EXPECT_EQ(actual, model.gradients(fresh, std::vector<int>{2, 3}));
}

}  // namespace
}  // namespace heed
