#include "heed/optim/optimizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "arguments.h"
#include "error_of.h"
#include "heed/autograd/gradient_store.h"
#include "heed/base/rng.h"

namespace heed {
namespace {

// Parameters whose sizes are no multiples of a cache line, with random values and gradients.
struct Model {
  std::vector<Parameter> parameters;
  std::unique_ptr<ParameterList> list;
  std::unique_ptr<GradientStore> gradients;
  Rng rng{11};

  Model() {
    for (const auto& [rows, columns] : {std::pair{3, 7}, std::pair{1, 1}, std::pair{5, 16}, std::pair{1, 19}}) {
      parameters.push_back({"parameter", ParameterRole::kWeight, Buffer(rows, columns), -1, {}, {}});
    }
    list = std::make_unique<ParameterList>([this](const ParameterVisitor& visitor) {
      for (Parameter& parameter : parameters) visitor(parameter);
    });
    gradients = std::make_unique<GradientStore>(*list);
    for (Parameter& parameter : parameters) fill(parameter.value.view());
    next_gradient();
  }
  void fill(const Tensor& values) {
    for (std::int64_t i = 0; i < values.size(); ++i) values.data[i] = static_cast<float>(rng.normal());
  }
  void next_gradient() {
    for (const Parameter& parameter : parameters) fill(gradients->of(parameter));
  }
  std::vector<float> values() const {
    std::vector<float> out;
    for (const Parameter& p : parameters) out.insert(out.end(), p.value.view().data, p.value.view().data + p.size());
    return out;
  }
  std::vector<double> gradient() const {
    std::vector<double> out;
    for (const Parameter& p : parameters) {
      const Tensor g = gradients->of(p);
      out.insert(out.end(), g.data, g.data + g.size());
    }
    return out;
  }
  void update(Optimizer& optimizer, double rate, double scale, int parts) {
    optimizer.begin_update();
    for (int part = 0; part < parts; ++part) {
      for (const UpdateRange& range : update_ranges(*list, part, parts)) {
        optimizer.apply(range, gradients->flat(), {rate, scale});
      }
    }
  }
};

TEST(Adam, EqualsTheAlgorithmInDouble) {
  Model model;
  const auto optimizer = make_optimizer({.kind = "adam"}, *model.list);
  const std::vector<float> start = model.values();
  std::vector<double> weight(start.begin(), start.end());
  std::vector<double> mean(weight.size());
  std::vector<double> variance(weight.size());
  for (int t = 1; t <= 20; ++t) {
    const double rate = 0.01 / t;
    model.update(*optimizer, rate, 0.5, 1 + t % 3);
    const std::vector<double> gradient = model.gradient();
    for (std::size_t i = 0; i < weight.size(); ++i) {
      const double g = 0.5 * gradient[i];
      mean[i] = 0.9 * mean[i] + 0.1 * g;
      variance[i] = 0.999 * variance[i] + 0.001 * g * g;
      const double m = mean[i] / (1 - std::pow(0.9, t));
      const double v = variance[i] / (1 - std::pow(0.999, t));
      weight[i] -= rate * m / (std::sqrt(v) + 1e-8);
    }
    const std::vector<float> actual = model.values();
    for (std::size_t i = 0; i < weight.size(); ++i) ASSERT_NEAR(static_cast<double>(actual[i]), weight[i], 3e-6) << t;
    model.next_gradient();
  }
  EXPECT_EQ(optimizer->updates, 20);
}

TEST(Adam, GoesOnFromItsState) {
  Model straight;
  Model resumed;
  auto optimizer = make_optimizer({.kind = "adam"}, *straight.list);
  auto first = make_optimizer({.kind = "adam"}, *resumed.list);
  for (int t = 0; t < 3; ++t) {
    straight.update(*optimizer, 0.01, 1, 1);
    resumed.update(*first, 0.01, 1, 1);
    straight.next_gradient();
    resumed.next_gradient();
  }
  auto second = make_optimizer({.kind = "adam"}, *resumed.list);
  second->updates = first->updates;
  const auto from = first->state();
  const auto to = second->state();
  ASSERT_EQ(from.size(), 2U);
  for (std::size_t i = 0; i < from.size(); ++i) {
    EXPECT_EQ(from[i].first, to[i].first);
    std::copy_n(from[i].second.data, from[i].second.size(), to[i].second.data);
  }
  straight.update(*optimizer, 0.01, 1, 1);
  resumed.update(*second, 0.01, 1, 1);
  EXPECT_EQ(straight.values(), resumed.values());
}

TEST(Sgd, SubtractsTheScaledGradient) {
  Model model;
  const auto optimizer = make_optimizer({.kind = "sgd"}, *model.list);
  const std::vector<float> start = model.values();
  std::vector<double> weight(start.begin(), start.end());
  for (int t = 0; t < 5; ++t) {
    model.update(*optimizer, 0.1, 0.25, 2);
    const std::vector<double> gradient = model.gradient();
    for (std::size_t i = 0; i < weight.size(); ++i) weight[i] -= 0.1 * 0.25 * gradient[i];
    model.next_gradient();
  }
  const std::vector<float> actual = model.values();
  for (std::size_t i = 0; i < weight.size(); ++i) EXPECT_NEAR(static_cast<double>(actual[i]), weight[i], 1e-6);
  EXPECT_TRUE(optimizer->state().empty());
}

TEST(UpdateShare, CoversEveryElementOnce) {
  const Model model;
  for (int parts = 1; parts <= 7; ++parts) {
    std::vector<std::vector<int>> seen;
    for (const Parameter& parameter : model.parameters) seen.emplace_back(static_cast<std::size_t>(parameter.size()));
    std::vector<std::int64_t> sizes;
    for (int part = 0; part < parts; ++part) {
      sizes.push_back(0);
      for (const UpdateRange& range : update_ranges(*model.list, part, parts)) {
        ASSERT_GT(range.count, 0);
        sizes.back() += range.count;
        for (std::int64_t i = 0; i < range.count; ++i) ++seen[range.parameter->index].at(range.first + i);
      }
    }
    for (const std::vector<int>& counts : seen) EXPECT_EQ(counts, std::vector<int>(counts.size(), 1)) << parts;
    const auto [least, most] = std::minmax_element(sizes.begin(), sizes.end());
    EXPECT_LE(*most - *least, 1) << parts;
  }
}

TEST(Optimizers, TheNumberOfPartsChangesNothing) {
  for (const OptimizerKind& kind : optimizer_kinds()) {
    std::vector<std::vector<float>> results;
    for (const int parts : {1, 2, 7}) {
      Model model;
      const auto optimizer = kind.make({.kind = kind.name}, *model.list);
      for (int t = 0; t < 3; ++t) model.update(*optimizer, 0.1, 1, parts);
      results.push_back(model.values());
    }
    EXPECT_EQ(results[0], results[1]) << kind.name;
    EXPECT_EQ(results[0], results[2]) << kind.name;
  }
}

TEST(Optimizers, AnUnknownNameComesWithTheNearest) {
  const Model model;
  EXPECT_EQ(error_of<UsageError>([&] { make_optimizer({.kind = "adma"}, *model.list); }),
            "unknown optimizer 'adma'; did you mean 'adam'?");
}

TEST(Optimizers, RefuseWhatDoesNotFit) {
  const std::vector<OperationCall> calls = {
      {"update_ranges",
       [](Arguments& arguments) {
         const Model model;
         update_ranges(*model.list, arguments.number("no such part", 1, 2), 2);
       }},
      {"apply",
       [](Arguments& arguments) {
         Model model, other;
         for (const OptimizerKind& kind : optimizer_kinds()) {
           const auto optimizer = kind.make({.kind = kind.name}, *model.list);
           optimizer->begin_update();
           Parameter* const own = model.list->all().front();
           Parameter* const parameter = arguments.wrong("a parameter of another model") ? other.list->all().front()
                                        : arguments.wrong("no parameter")               ? nullptr
                                                                                        : own;
           const std::int64_t first = arguments.number("first", 1, -1);
           const std::int64_t count = arguments.number("count", own->size() - 1, own->size());
           const std::int64_t total = arguments.number("the gradient", model.list->total(), model.list->total() - 1);
           optimizer->apply({parameter, first, count}, arguments.arena().zeros(1, total), {0.1});
         }
       }},
  };
  for (const OperationCall& call : calls) refuses_wrong_arguments(call);
}

}  // namespace
}  // namespace heed
