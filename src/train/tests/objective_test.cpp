#include "../objective.h"

#include <gtest/gtest.h>

#include "heed/model/schedule.h"

namespace heed {
namespace {

std::vector<double> probabilities(const std::string& kind, const std::vector<double>& updates) {
  const ScheduledSamplingOptions options{.kind = kind, .start = 0.1, .end = 0.5, .updates = 100};
  std::vector<double> out;
  for (const double update : updates) out.push_back(sampling_probability(options, {.updates = update}));
  return out;
}

TEST(Objective, TheProbabilityOfOwnTokensGoesFromStartToEnd) {
  for (const std::string kind : {"linear", "exponential", "inverse-sigmoid"}) {
    const std::vector<double> seen = probabilities(kind, {0, 25, 50, 75, 100, 1000});
    EXPECT_NEAR(seen[0], 0.1, 1e-12) << kind;
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end())) << kind;
    EXPECT_NEAR(seen[4], 0.5, 1e-12) << kind;
    EXPECT_NEAR(seen[5], 0.5, 1e-12) << kind;
  }
  EXPECT_NEAR(probabilities("linear", {25})[0], 0.2, 1e-12);
  EXPECT_GT(probabilities("exponential", {25})[0], 0.35) << "fast at first";
  EXPECT_LT(probabilities("inverse-sigmoid", {25})[0], 0.15) << "slow at first";
  EXPECT_NEAR(probabilities("inverse-sigmoid", {50})[0], 0.3, 1e-12);
  EXPECT_EQ(probabilities("none", {50})[0], 0);
}

TEST(Objective, TheCoverageLossBeginsWithItsStart) {
  TrainingOptions options;
  options.coverage_loss = 2;
  EXPECT_EQ(coverage_factor(options, {}), 2);
  options.coverage_start = "3 updates";
  EXPECT_EQ(coverage_factor(options, {.updates = 2}), 0);
  EXPECT_EQ(coverage_factor(options, {.updates = 3}), 2);
  options.coverage_start = "2 epochs";
  EXPECT_EQ(coverage_factor(options, {.epochs = 1.9, .updates = 300}), 0);
  EXPECT_EQ(coverage_factor(options, {.epochs = 2}), 2);
}

}  // namespace
}  // namespace heed
