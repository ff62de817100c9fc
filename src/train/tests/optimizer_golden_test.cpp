// Every optimizer against PyTorch's own, in float64: scripts/golden_optimizers.py.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "heed/autograd/parameter.h"
#include "heed/base/settings.h"
#include "heed/model/config.h"
#include "heed/model/safetensors.h"
#include "heed/optim/optimizer.h"
#include "test_name.h"

namespace heed {
namespace {

const SafetensorsReader& golden() {
  static const SafetensorsReader file(HEED_SOURCE_DIR "/tests/golden/optimizers.safetensors");
  return file;
}

std::vector<std::string> case_names() {
  std::vector<std::string> out;
  for (const auto& [name, options] : golden().metadata()) out.push_back(name);
  return out;
}

OptimizerOptions optimizer_of(const std::string& text) {
  Config config;
  Settings settings = config.settings();
  std::istringstream words(text);
  for (std::string word; words >> word;) settings.set("training.optimizer." + word);
  config.check_effect();
  return config.training.optimizer;
}

class OptimizerGolden : public testing::TestWithParam<std::string> {};

TEST_P(OptimizerGolden, EqualsPyTorch) {
  const OptimizerOptions options = optimizer_of(golden().metadata().at(GetParam()));
  std::vector<Parameter> parameters;
  parameters.push_back({"matrix", ParameterRole::kWeight, Buffer(4, 5), -1, {}, {}});
  parameters.push_back({"vector", ParameterRole::kVector, Buffer(1, 3), -1, {}, {}});
  for (Parameter& parameter : parameters) golden().read(parameter.name, parameter.value.view());
  ParameterList list([&](const ParameterVisitor& visitor) {
    for (Parameter& parameter : parameters) visitor(parameter);
  });
  const auto optimizer = make_optimizer(options, list);
  Buffer gradient(1, list.total());
  const std::vector<float> rates = golden().floats("rates");
  for (std::size_t step = 0; step < rates.size(); ++step) {
    optimizer->begin_update();
    for (const Parameter& parameter : parameters) {
      const std::vector<float> of = golden().floats("gradient." + std::to_string(step) + "." + parameter.name);
      std::copy(of.begin(), of.end(), gradient.view().data + list.offset(parameter.index));
    }
    for (const UpdateRange& range : update_ranges(list, 0, 1)) {
      optimizer->apply(range, gradient.view(), {static_cast<double>(rates[step])});
    }
  }
  for (const Parameter& parameter : parameters) {
    const std::vector<float> expected = golden().floats(GetParam() + "." + parameter.name);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(parameter.value.view().data[i], expected[i], 2e-5F) << parameter.name << "[" << i << "]";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, OptimizerGolden, testing::ValuesIn(case_names()),
                         [](const auto& case_of) { return test_name(case_of.param); });

TEST(OptimizerGolden, HasACaseForEachOptimizer) {
  std::set<std::string> kinds;
  for (const std::string& name : case_names()) kinds.insert(optimizer_of(golden().metadata().at(name)).kind);
  const std::vector<std::string> all = optimizer_names();
  EXPECT_EQ(kinds, std::set<std::string>(all.begin(), all.end()));
}

}  // namespace
}  // namespace heed
