// The values that parameters begin with.
#include <cmath>

#include "error_of.h"
#include "heed/nn/cell.h"

namespace heed {
namespace {

struct Spread {
  double largest = 0;
  double deviation = 0;
};

Spread spread_of(const Parameter& parameter) {
  Spread out;
  const Tensor value = parameter.value.view();
  for (std::int64_t i = 0; i < value.size(); ++i) {
    out.largest = std::max(out.largest, std::abs(static_cast<double>(value.data[i])));
    out.deviation += static_cast<double>(value.data[i]) * static_cast<double>(value.data[i]);
  }
  out.deviation = std::sqrt(out.deviation / static_cast<double>(value.size()));
  return out;
}

std::unique_ptr<Cell> cell_with(const InitialOptions& options, const std::string& kind = "lstm") {
  auto out = make_cell(kind, "cell", 40, 64);
  Rng rng(3);
  initialize(*out, rng, options);
  return out;
}

TEST(Initial, WeightsAreOfTheKindThatIsAskedFor) {
  const double xavier = std::sqrt(6.0 / (40 + 64));
  const double deviation = std::sqrt(2.0 / (40 + 64));
  Spread spread = spread_of(cell_with({})->input);
  EXPECT_LE(spread.largest, xavier);
  EXPECT_NEAR(spread.deviation, deviation, 0.02 * deviation);
  spread = spread_of(cell_with({.weights = "xavier-normal"})->input);
  EXPECT_GT(spread.largest, 1.5 * xavier);
  EXPECT_NEAR(spread.deviation, deviation, 0.02 * deviation);
  spread = spread_of(cell_with({.weights = "uniform", .scale = 0.08})->input);
  EXPECT_LE(spread.largest, 0.08);
  EXPECT_NEAR(spread.deviation, 0.08 / std::sqrt(3.0), 0.001);
  spread = spread_of(cell_with({.weights = "normal", .scale = 0.01})->recurrent);
  EXPECT_NEAR(spread.deviation, 0.01, 0.0002);
  EXPECT_NE(error_of([] { cell_with({.weights = "xaver"}); }).find("unknown initial weights 'xaver'"),
            std::string::npos);
}

TEST(Initial, EachGateOfAnOrthogonalRecurrenceIsARotation) {
  const auto cell = cell_with({.recurrent = "orthogonal"});
  const Tensor weight = cell->recurrent.value.view();
  for (std::int64_t gate = 0; gate < 4; ++gate) {
    for (std::int64_t a = 0; a < 64; ++a) {
      for (std::int64_t b = 0; b <= a; ++b) {
        double dot = 0;
        for (std::int64_t i = 64 * gate; i < 64 * (gate + 1); ++i) {
          dot += static_cast<double>(weight.row(a)[i]) * static_cast<double>(weight.row(b)[i]);
        }
        EXPECT_NEAR(dot, a == b ? 1 : 0, 1e-5);
      }
    }
  }
  EXPECT_NE(weight.row(0)[0], weight.row(0)[64]) << "each gate has a rotation of its own";
  EXPECT_LE(spread_of(cell->input).largest, std::sqrt(6.0 / (40 + 64))) << "other weights are as before";
}

TEST(Initial, EmbeddingsAndForgetGates) {
  const auto bias = [](const char* kind, double value) {
    const auto cell = cell_with({.forget_bias = value}, kind);
    const float* const numbers = cell->bias.value.view().data;
    return std::vector<float>{numbers[0], numbers[64], numbers[128]};
  };
  EXPECT_EQ(bias("lstm", 1), (std::vector<float>{0, 1, 0}));
  EXPECT_EQ(bias("layernorm-lstm", -2), (std::vector<float>{0, -2, 0}));
  EXPECT_EQ(bias("gru", 2), (std::vector<float>{0, 0, 0}));
  struct Table : Module {
    void visit(const ParameterVisitor& visitor) override { visitor(parameter); }
    Parameter parameter = make_embedding("table", 100, 30, 0.5);
  } table;
  Rng rng(3);
  initialize(table, rng);
  EXPECT_NEAR(spread_of(table.parameter).deviation, 0.5, 0.02);
  initialize(table, rng, {.embedding = 0.01});
  EXPECT_NEAR(spread_of(table.parameter).deviation, 0.01, 0.0005);
}

}  // namespace
}  // namespace heed
