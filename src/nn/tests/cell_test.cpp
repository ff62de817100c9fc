#include <algorithm>

#include "error_of.h"
#include "gradient_check.h"
#include "heed/autograd/gradient_store.h"
#include "heed/nn/lstm.h"
#include "heed/tensor/worker_pool.h"
#include "test_name.h"

namespace heed {
namespace {

constexpr int kIn = 4;
constexpr int kHidden = 5;

// Sequences by decreasing length, packed by step.
struct Packed {
  std::vector<int> lengths = {5, 3, 3, 1};
  std::vector<int> step_rows = {4, 3, 3, 1, 1};
  int rows = 12;

  int row(int sequence, int t) const {
    int first = 0;
    for (int s = 0; s < t; ++s) first += step_rows[s];
    return first + sequence;
  }
};

struct Layer {
  explicit Layer(std::uint64_t seed = 3) : cell("layer", kIn, kHidden) {
    Rng rng(seed);
    initialize(cell, rng);
    randomize(cell.bias.value.view(), seed, 0.5);
  }
  LstmCell cell;
};

// Owns one parameter.
struct Single : Module {
  Single(Parameter made, std::uint64_t seed) : parameter(std::move(made)) {
    Rng rng(seed);
    initialize(*this, rng);
  }
  void visit(const ParameterVisitor& visitor) override { visitor(parameter); }
  Parameter parameter;
};

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

// One sequence after the other, one unit after the other.
void naive(const LstmCell& cell, const Packed& packed, const Tensor& x, bool backwards, std::vector<double>& hidden,
           std::vector<double>& cells) {
  for (std::size_t i = 0; i < packed.lengths.size(); ++i) {
    std::vector<double> h(kHidden);
    std::vector<double> c(kHidden);
    for (int step = 0; step < packed.lengths[i]; ++step) {
      const int row = packed.row(static_cast<int>(i), backwards ? packed.lengths[i] - 1 - step : step);
      std::vector<double> gates(4 * kHidden);
      for (int g = 0; g < 4 * kHidden; ++g) {
        gates[g] = static_cast<double>(cell.bias.value.view().data[g]);
        for (int k = 0; k < kIn; ++k) {
          gates[g] += static_cast<double>(x.row(row)[k]) * static_cast<double>(cell.input.value.view().row(k)[g]);
        }
        for (int k = 0; k < kHidden; ++k) gates[g] += h[k] * static_cast<double>(cell.recurrent.value.view().row(k)[g]);
      }
      for (int j = 0; j < kHidden; ++j) {
        c[j] = sigmoid_of(gates[kHidden + j]) * c[j] + sigmoid_of(gates[j]) * std::tanh(gates[2 * kHidden + j]);
        h[j] = sigmoid_of(gates[3 * kHidden + j]) * std::tanh(c[j]);
      }
      std::copy(h.begin(), h.end(), hidden.begin() + row * kHidden);
      std::copy(c.begin(), c.end(), cells.begin() + row * kHidden);
    }
  }
}

class RunLstm : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Directions, RunLstm, testing::Values(false, true),
                         [](const auto& test) { return test.param ? "backwards" : "forwards"; });

// Every line of the table of cells, in both directions.
class EachCell : public testing::TestWithParam<std::tuple<std::string, bool>> {
 protected:
  EachCell() : cell(make_cell(std::get<0>(GetParam()), "layer", kIn, kHidden)), backwards(std::get<1>(GetParam())) {
    Rng rng(3);
    initialize(*cell, rng);
    // Gains and shifts that differ, so that one in the wrong place is seen.
    std::uint64_t seed = 4;
    cell->visit([&](Parameter& parameter) {
      if (parameter.role == ParameterRole::kVector) randomize(parameter.value.view(), ++seed, 0.5);
    });
  }
  static std::vector<Variable> parts(const RnnState& state) {
    if (state.cell.empty()) return {state.hidden};
    return {state.hidden, state.cell};
  }
  std::unique_ptr<Cell> cell;
  bool backwards;
};
INSTANTIATE_TEST_SUITE_P(All, EachCell, testing::Combine(testing::ValuesIn(cell_names()), testing::Bool()),
                         [](const auto& test) {
                           return test_name(std::get<0>(test.param) + (std::get<1>(test.param) ? "_backwards" : ""));
                         });

TEST_P(RunLstm, EqualsALoopOverEachSequence) {
  Layer layer;
  const ParameterList parameters([&](const ParameterVisitor& visitor) { layer.cell.visit(visitor); });
  const_cast<ParameterList&>(parameters).pack(Precision::kFloat32, true);
  const Packed packed;
  Arena arena;
  Tape tape(arena);
  const Variable x = tape.variable(packed.rows, kIn);
  randomize(x.value(), 9);
  const RnnState out = run_cell(tape, layer.cell, x, packed.step_rows, GetParam());
  std::vector<double> hidden(static_cast<std::size_t>(packed.rows * kHidden));
  std::vector<double> cells(hidden.size());
  naive(layer.cell, packed, x.value(), GetParam(), hidden, cells);
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(out.hidden.value().data[i]), hidden[i], 2e-6) << i;
    EXPECT_NEAR(static_cast<double>(out.cell.value().data[i]), cells[i], 2e-6) << i;
  }
}

TEST_P(EachCell, Gradients) {
  const Packed packed;
  GradientCheck check;
  // Normalising few units bends much on the way of a difference; golden_test has the exact values.
  if (std::get<0>(GetParam()) == "layernorm-lstm") check.tolerance = 2e-2;
  check.input(packed.rows, kIn);
  cell->visit([&](Parameter& parameter) { check.use(parameter); });
  check.run([&](Tape& tape, std::span<const Variable> x) {
    return GradientCheck::Outputs{parts(run_cell(tape, *cell, x[0], packed.step_rows, backwards))};
  });
}

// The recurrent product reads the masked state in every step, and what a GRU carries over stays whole.
TEST_P(EachCell, GradientsWithAMaskOfTheRecurrentState) {
  const Packed packed;
  GradientCheck check;
  if (std::get<0>(GetParam()) == "layernorm-lstm") check.tolerance = 5e-2;
  check.input(packed.rows, kIn);
  cell->visit([&](Parameter& parameter) { check.use(parameter); });
  Arena arena;
  const Tensor ones = arena.tensor(packed.step_rows.front(), cell->hidden());
  std::fill_n(ones.data, ones.size(), 1.0F);
  const Tensor mask = arena.tensor(ones.rows, ones.columns);
  for (std::int64_t i = 0; i < mask.size(); ++i) mask.data[i] = i % 3 == 0 ? 0.0F : 1.5F;
  check.run([&](Tape& tape, std::span<const Variable> x) {
    const auto run = [&](const Tensor& by) {
      return run_projected(tape, *cell, cell->project(tape, x[0]), {packed.step_rows, backwards, by});
    };
    const RnnState out = run(mask);
    if (!tape.recording()) {
      const auto same = [&](const RnnState& state, const Tensor& by) {
        const Variable other = run(by).hidden;
        return std::equal(other.value().data, other.value().data + other.value().size(), state.hidden.value().data);
      };
      EXPECT_TRUE(same(run(ones), {}));
      EXPECT_FALSE(same(out, {}));
    }
    return GradientCheck::Outputs{parts(out)};
  });
}

// As a decoder runs it: the input comes with the step, more inputs beside it, and targets end.
TEST_P(EachCell, GradientsOfStepsWithMoreInputs) {
  GradientCheck check;
  cell->input.role = ParameterRole::kWeight;
  check.input(3, kIn);      // of the first step
  check.input(2, kIn);      // of the second
  check.input(3, 2);        // what else both read
  check.input(3, kHidden);  // the state before
  if (cell->has_cell()) check.input(3, kHidden);
  Parameter more = cell->make_input("more", 2);
  more.value = Buffer(2, cell->columns());
  randomize(more.value.view(), 8, 0.5);
  cell->visit([&](Parameter& parameter) { check.use(parameter); });
  check.use(more);
  check.run([&](Tape& tape, std::span<const Variable> x) {
    const LinearTerm term{x[2], &more};
    const RnnState before{x[3], cell->has_cell() ? x[4] : Variable()};
    const RnnState first = cell->make_state(tape, 3);
    cell->step(tape, {{}, x[0], {&term, 1}}, before, first);
    const RnnState second = cell->make_state(tape, 2);
    cell->step(tape, {{}, x[1], {&term, 1}}, first, second);
    std::vector<Variable> out = parts(first);
    for (const Variable& part : parts(second)) out.push_back(part);
    return GradientCheck::Outputs{out};
  });
}

// Projected before the steps or in them, the input says the same.
TEST_P(EachCell, HoistingTheInputChangesNothing) {
  ParameterList parameters([&](const ParameterVisitor& visitor) { cell->visit(visitor); });
  parameters.pack(Precision::kFloat32, true);
  const Packed packed;
  Arena arena;
  Tape tape(arena);
  const Variable x = tape.variable(packed.rows, kIn);
  randomize(x.value(), 9);
  const RnnState all = run_cell(tape, *cell, x, packed.step_rows, false);
  RnnState before;
  std::int64_t first = 0;
  for (const int rows : packed.step_rows) {
    const RnnState now = cell->make_state(tape, rows);
    cell->step(tape, {{}, tape.view(x, first, rows)}, before, now);
    for (std::int64_t i = 0; i < now.hidden.value().size(); ++i) {
      EXPECT_NEAR(now.hidden.value().data[i], all.hidden.value().row(first)[i], 1e-5F);
    }
    before = now;
    first += rows;
  }
}

// Two different inputs stand in all places.
TEST_P(EachCell, ProjectingRepeatedInputsOnceChangesNothing) {
  ParameterList parameters([&](const ParameterVisitor& visitor) { cell->visit(visitor); });
  parameters.pack(Precision::kFloat32, true);
  const Packed packed;
  std::vector<int> place;
  for (std::int64_t r = 0; r < packed.rows; ++r) place.push_back(r % 3 == 0 ? 1 : 0);
  const auto values_and_gradients = [&](bool once) {
    Arena arena;
    GradientStore store(parameters);
    Tape tape(arena, true);
    const Variable different = tape.variable(2, kIn);
    randomize(different.value(), 9);
    const Variable projected = once ? gather_projection(tape, cell->input_projection(tape, different), place)
                                    : cell->project(tape, gather_rows(tape, different, place));
    const Variable out = run_projected(tape, *cell, projected, {packed.step_rows, backwards}).hidden;
    randomize(out.gradient(), 10);
    std::vector<float> all(out.value().data, out.value().data + out.value().size());
    tape.backward();
    store.collect(tape);
    all.insert(all.end(), different.gradient().data, different.gradient().data + 2 * kIn);
    all.insert(all.end(), store.flat().data, store.flat().data + store.flat().size());
    return all;
  };
  const std::vector<float> expected = values_and_gradients(false);
  const std::vector<float> once = values_and_gradients(true);
  ASSERT_EQ(once.size(), expected.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    ASSERT_NEAR(once[i], expected[i], 1e-4F * std::max(1.0F, std::abs(expected[i]))) << i;
  }
}

// The gradient of a batch is the sum of those of its sequences.
TEST_P(EachCell, GradientsOfABatchAreThoseOfItsSequences) {
  ParameterList parameters([&](const ParameterVisitor& visitor) { cell->visit(visitor); });
  parameters.pack(Precision::kFloat32, true);
  const Packed packed;
  std::vector<float> x(static_cast<std::size_t>(packed.rows * kIn));
  randomize({x.data(), packed.rows, kIn}, 9);
  const auto gradients = [&](const std::vector<int>& rows, const std::vector<int>& step_rows) {
    Arena arena;
    GradientStore store(parameters);
    Tape tape(arena, true);
    const Variable input = tape.variable(static_cast<std::int64_t>(rows.size()), kIn);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      std::copy_n(x.data() + rows[r] * kIn, kIn, input.value().row(static_cast<std::int64_t>(r)));
    }
    const RnnState out = run_cell(tape, *cell, input, step_rows, backwards);
    std::fill_n(out.hidden.gradient().data, out.hidden.value().size(), 1.0F);
    tape.backward();
    store.collect(tape);
    return std::vector<double>(store.flat().data, store.flat().data + store.flat().size());
  };
  std::vector<int> all(static_cast<std::size_t>(packed.rows));
  for (int r = 0; r < packed.rows; ++r) all[r] = r;
  const std::vector<double> together = gradients(all, packed.step_rows);
  std::vector<double> sum(together.size());
  for (std::size_t i = 0; i < packed.lengths.size(); ++i) {
    std::vector<int> rows;
    for (int t = 0; t < packed.lengths[i]; ++t) rows.push_back(packed.row(static_cast<int>(i), t));
    const std::vector<double> part = gradients(rows, std::vector<int>(rows.size(), 1));
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += part[k];
  }
  for (std::size_t k = 0; k < sum.size(); ++k)
    EXPECT_NEAR(together[k], sum[k], 2e-5 * std::max(1.0, std::abs(sum[k]))) << k;
}

TEST_P(EachCell, RefusesWhatDoesNotFit) {
  Parameter more = cell->make_input("more", 2);
  more.value = Buffer(2, cell->columns());
  ParameterList parameters([&](const ParameterVisitor& visitor) {
    cell->visit(visitor);
    visitor(more);
  });
  struct Widths {
    int x = kIn, more = 2, before = kHidden, out = kHidden, rows = 3;
  };
  const auto error = [&](const Widths& widths) {
    Arena arena;
    Tape tape(arena, true);
    const auto state = [&](int rows, int columns) {
      return RnnState{tape.variable(arena.zeros(rows, columns)),
                      cell->has_cell() ? tape.variable(arena.zeros(rows, columns)) : Variable()};
    };
    const LinearTerm term{tape.variable(arena.zeros(3, widths.more)), &more};
    const Variable x = tape.variable(arena.zeros(widths.rows, widths.x));
    return error_of([&] { cell->step(tape, {{}, x, {&term, 1}}, state(3, widths.before), state(3, widths.out)); });
  };
  EXPECT_NE(error({}).find("is not packed"), std::string::npos) << error({});
  parameters.pack(Precision::kFloat32, false);
  EXPECT_NE(error({}).find("is not packed for the backward pass"), std::string::npos) << error({});
  parameters.pack(Precision::kFloat32, true);
  EXPECT_EQ(error({}), "");
  for (const Widths& wrong : {Widths{.x = kIn + 1}, Widths{.more = 3}, Widths{.before = kHidden - 1},
                              Widths{.out = kHidden + 1}, Widths{.rows = 2}}) {
    EXPECT_NE(error(wrong), "");
  }
}

TEST_P(EachCell, RunsOverTheRowsThatThereAre) {
  ParameterList parameters([&](const ParameterVisitor& visitor) { cell->visit(visitor); });
  parameters.pack(Precision::kFloat32, true);
  const auto error = [&](const std::vector<int>& step_rows) {
    Arena arena;
    Tape tape(arena);
    return error_of([&] { run_cell(tape, *cell, tape.variable(arena.zeros(6, kIn)), step_rows, backwards); });
  };
  EXPECT_EQ(error({3, 2, 1}), "");
  EXPECT_NE(error({3, 2}), "");
  EXPECT_NE(error({3, 2, 2}), "");
  EXPECT_NE(error({2, 3, 1}), "");
}

TEST(LstmCell, ForgetGateStartsOpenAndNamesAreItsOwn) {
  Rng rng(1);
  LstmCell cell("encoder.0.forward", kIn, kHidden);
  initialize(cell, rng);
  std::vector<std::string> names;
  cell.visit([&](Parameter& parameter) { names.push_back(parameter.name); });
  EXPECT_EQ(names, (std::vector<std::string>{"encoder.0.forward.input", "encoder.0.forward.recurrent",
                                             "encoder.0.forward.bias"}));
  for (int i = 0; i < 4 * kHidden; ++i) {
    EXPECT_EQ(cell.bias.value.view().data[i], i / kHidden == 1 ? 1.0F : 0.0F);
  }
}

TEST(Initialisation, StaysInsideItsLimitsAndFollowsTheSeed) {
  const Single first(make_weight("w", 30, 80, 4), 4);
  const Single second(make_weight("w", 30, 80, 4), 4);
  const Parameter& weight = first.parameter;
  const Parameter& same = second.parameter;
  const double limit = std::sqrt(6.0 / (30 + 20));
  double largest = 0;
  double sum = 0;
  for (std::int64_t i = 0; i < weight.size(); ++i) {
    const auto value = static_cast<double>(weight.value.view().data[i]);
    EXPECT_EQ(weight.value.view().data[i], same.value.view().data[i]);
    largest = std::max(largest, std::abs(value));
    sum += value;
  }
  EXPECT_LE(largest, limit);
  EXPECT_GT(largest, 0.95 * limit);
  EXPECT_NEAR(sum / static_cast<double>(weight.size()), 0.0, 0.03);
}

TEST(Initialisation, EmbeddingsAreNormal) {
  const Single module(make_embedding("e", 100, 50), 5);
  const Parameter& table = module.parameter;
  const std::vector<double> values(table.value.view().data, table.value.view().data + table.size());
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  const double deviation = std::sqrt(squares / 5000);
  EXPECT_GT(deviation, 0.0);
  EXPECT_NEAR(sum / 5000, 0.0, 0.05 * deviation);
  const auto inside = std::count_if(values.begin(), values.end(), [&](double x) { return std::abs(x) < deviation; });
  EXPECT_NEAR(static_cast<double>(inside) / 5000, 0.683, 0.03);
}

}  // namespace
}  // namespace heed
