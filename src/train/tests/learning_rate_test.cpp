#include "learning_rate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/metrics/registry.h"

namespace heed {
namespace {

constexpr double kRate = 0.01;

TrainingOptions options_of(const ScheduleOptions& schedule) {
  TrainingOptions out;
  out.learning_rate = kRate;
  out.schedule = schedule;
  if (schedule.kind == kAuto) out.schedule.kind = "plateau";
  out.average_decay = 0;
  out.epochs = 10;
  return out;
}

/// The rate in units of kRate after so much, ten updates to an epoch and 100 tokens to an update.
double rate(const TrainingOptions& options, double updates) {
  TrainingPosition position;
  position.learning_rate = options.learning_rate;
  return learning_rate(options, position, {{updates / 10, updates, updates * 100, updates / 60}, 10}) / kRate;
}

TEST(Schedule, WarmUpClimbsWhateverTheKind) {
  for (const std::string kind : {"constant", "plateau", "halve", "exponential", "inverse-sqrt", "linear", "cosine"}) {
    const TrainingOptions options = options_of({.kind = kind, .warmup_updates = 8, .start = "5 epochs"});
    for (const int update : {0, 3, 7}) EXPECT_NEAR(rate(options, update), (update + 1) / 8.0, 1e-12) << kind;
  }
}

TEST(Schedule, InverseSquareRoot) {
  const TrainingOptions options = options_of({.kind = "inverse-sqrt", .warmup_updates = 4});
  EXPECT_NEAR(rate(options, 3), 1, 1e-12);
  EXPECT_NEAR(rate(options, 15), 0.5, 1e-12);   // the 16th update
  EXPECT_NEAR(rate(options, 399), 0.1, 1e-12);  // the 400th
  EXPECT_NEAR(rate(options_of({.kind = "inverse-sqrt", .minimum = kRate / 4}), 399), 0.25, 1e-12);
}

TEST(Schedule, LinearAndCosineEndWithTheEpochsOrWithTheirUpdates) {
  const TrainingOptions linear = options_of({.kind = "linear", .minimum = 0});
  EXPECT_NEAR(rate(linear, 25), 0.75, 1e-12);
  EXPECT_NEAR(rate(linear, 100), 0, 1e-12);
  const TrainingOptions cosine =
      options_of({.kind = "cosine", .warmup_updates = 10, .total_updates = 50, .minimum = kRate / 10});
  EXPECT_NEAR(rate(cosine, 20), 0.1 + 0.9 * (1 + std::cos(std::numbers::pi / 4)) / 2, 1e-12);
  EXPECT_NEAR(rate(cosine, 50), 0.1, 1e-12);
  EXPECT_NEAR(rate(cosine, 70), 0.1, 1e-12);
}

TEST(Schedule, HalvesInStepsAndFallsSmoothlyInEachUnit) {
  const TrainingOptions halve =
      options_of({.kind = "halve", .start = "2 epochs"});  // Luong et al. 2015: after 5 epochs
  EXPECT_NEAR(rate(halve, 29), 1, 1e-12);
  EXPECT_NEAR(rate(halve, 30), 0.5, 1e-12);
  EXPECT_NEAR(rate(halve, 45), 0.25, 1e-12);
  for (const std::string every : {"20 updates", "2 epochs", "2000 tokens", "0.333333333333 minutes"}) {
    const TrainingOptions options = options_of({.kind = "exponential", .decay = 0.9, .every = every});
    EXPECT_NEAR(rate(options, 30), std::pow(0.9, 1.5), 1e-9) << every;
  }
  EXPECT_NEAR(rate(options_of({.kind = "exponential", .minimum = kRate / 2}), 90), 0.5, 1e-12);
}

TEST(Schedule, PlateauLooksAtItsMetricAndItsThreshold) {
  const auto decays = [](const ScheduleOptions& schedule, const std::vector<ValidationResult>& results) {
    TrainingPosition position;
    position.learning_rate = kRate;
    int out = 0;
    for (const ValidationResult& result : results) {
      const double before = position.learning_rate;
      position = decay_on_plateau(options_of(schedule), std::move(position), result);
      out += position.learning_rate < before ? 1 : 0;
      position.validations.push_back(result);
    }
    return out;
  };
  std::vector<ValidationResult> results(4);
  for (int i = 0; i < 4; ++i) {
    results[i].perplexity = 10 - 0.001 * i;
    results[i].metrics = {{"bleu", 20 + i}};
  }
  EXPECT_EQ(decays({.patience = 0, .threshold = 0, .metric = kPerplexity}, results), 0);
  EXPECT_EQ(decays({.patience = 0, .metric = kPerplexity}, results), 3);  // none is better by a thousandth
  EXPECT_EQ(decays({.patience = 1, .metric = kPerplexity}, results), 1);
  EXPECT_EQ(decays({.patience = 0, .metric = "bleu"}, results), 0);
  EXPECT_EQ(decays({.patience = 0, .threshold = 0.1, .metric = "bleu"}, results), 3 - 1);
  EXPECT_EQ(decays({.kind = "constant", .patience = 0}, results), 0);
  TrainingOptions options = options_of({.patience = 0});  // of both: neither may be better
  options.best_by = "bleu";
  TrainingPosition position;
  position.learning_rate = 1;
  const std::vector<std::pair<double, double>> both = {{10, 0}, {11, 21}, {9, 20}, {9, 21}, {9.5, 21}};
  for (const auto& [perplexity, bleu] : both) {
    ValidationResult result;
    result.perplexity = perplexity;
    result.metrics = {{"bleu", bleu}};
    position = decay_on_plateau(options, std::move(position), result);
    position.validations.push_back(result);
  }
  EXPECT_EQ(position.learning_rate, 0.25);
  const ValidationResult worst = position.validations.front();
  position.plateau_best = 0;
  position = decay_on_plateau(options, std::move(position), worst);
  EXPECT_EQ(position.learning_rate, 0.125) << "a BLEU of 0 is no better one";
  const std::vector<double> rates = {5, 4, 0, 0, 3, 2};  // of errors: lower is better, and 0 is the best
  results.clear();
  for (const double rate : rates) results.emplace_back().metrics = {{"per", rate}};
  EXPECT_EQ(decays({.patience = 0, .metric = "per"}, results), 3);
}

TEST(Schedule, LeftToTheProgramItIsThatWhoseKeysAreSet) {
  const auto kind = [](const ScheduleOptions& schedule, int tail = 0) {
    TrainingOptions training;
    training.schedule = schedule;
    training.decay_after_epochs = tail;
    return settled_schedule(training).kind;
  };
  EXPECT_EQ(kind({}), "exponential");
  EXPECT_EQ(kind({.start = "3 epochs"}), "exponential");
  EXPECT_EQ(kind({.decay = 0.7}), "plateau");
  EXPECT_EQ(kind({.patience = 3}), "plateau");
  EXPECT_EQ(kind({.metric = "bleu"}, 5), "plateau");
  EXPECT_EQ(kind({}, 5), "constant");
  EXPECT_EQ(kind({.kind = "cosine", .minimum = 0}), "cosine");
  const ScheduleOptions usual = settled_schedule({});
  EXPECT_EQ(usual.decay, 0.85);
  EXPECT_EQ(usual.start, "8 epochs");
}

TEST(Schedule, SaysWhatItDoes) {
  TrainingOptions options = options_of({.warmup_updates = 5, .metric = kPerplexity});
  options.decay_after_epochs = 7;
  EXPECT_EQ(
      schedule_text(options),
      "learning rate 0.01, plateau (times 0.5 after 2 validations in a row whose perplexity is not better by 0.1 %; "
      "no lower than 1e-06), 5 updates of warm-up, and beside that from epoch 7 on linearly to 0.05 of it");
  options.best_by = "chrf";
  options.schedule.metric = kAuto;
  EXPECT_THAT(schedule_text(options),
              testing::HasSubstr("in a row whose chrf and perplexity are not better by 0.1 %;"));
  const auto said = [](const ScheduleOptions& schedule) { return schedule_text(options_of(schedule)); };
  EXPECT_EQ(said({.kind = "constant"}), "learning rate 0.01, constant");
  EXPECT_EQ(said({.kind = "halve", .start = "5 epochs"}),
            "learning rate 0.01, halve (times 0.5 each 1 epoch, from 5 epochs on; no lower than 1e-06)");
  EXPECT_EQ(said({.kind = "exponential", .decay = 0.9, .every = "20 updates"}),
            "learning rate 0.01, exponential (times 0.9 each 20 updates, without steps, from 0 epochs on; no lower "
            "than 1e-06)");
  EXPECT_EQ(said({.kind = "linear", .minimum = 0}),
            "learning rate 0.01, linear (falls until the end of epoch 10; no lower than 0)");
  EXPECT_EQ(said({.kind = "cosine", .warmup_updates = 8, .total_updates = 90}),
            "learning rate 0.01, cosine (falls until update 90; no lower than 1e-06), 8 updates of warm-up");
  EXPECT_THAT(said({.kind = "inverse-sqrt"}), testing::HasSubstr("of the updates, from the first update on"));
  EXPECT_THAT(said({.kind = "inverse-sqrt", .warmup_updates = 9}), testing::HasSubstr("updates, from update 9 on"));
  EXPECT_THAT(said({.metric = kPerplexity, .back_to_best = true}),
              testing::HasSubstr("by 0.1 %, each time from the weights of the best one"));
}

TEST(Schedule, SaysTheOptimizerAndItsConstants) {
  TrainingOptions options;
  options.average_decay = 0;
  EXPECT_EQ(optimizer_text(options), "optimizer adam");
  options.optimizer.betas = {0.9, 0.98};
  options.optimizer.weight_decay = 0.01;
  options.average_decay = 0.999;
  EXPECT_EQ(optimizer_text(options),
            "optimizer adam (betas 0.9 0.98, weight_decay 0.01); validated and kept is a moving average of the weights "
            "(average_decay 0.999)");
}

TEST(Schedule, AWarmUpThatLastsLongerThanTheTrainingIsSaidAndMayBeRefused) {
  const auto said = [](const ScheduleOptions& schedule) { return long_warmup(options_of(schedule), 3); };
  EXPECT_EQ(said({}), "");
  EXPECT_EQ(said({.kind = "linear", .warmup_updates = 29}), "");
  EXPECT_THAT(said({.warmup_updates = 30}), testing::HasSubstr("ends after 30 updates: the learning rate climbs"));
  for (const std::string kind : {"linear", "cosine"}) {
    EXPECT_THAT(error_of<UsageError>([&] { said({.kind = kind, .warmup_updates = 30}); }),
                testing::HasSubstr("'" + kind + "' never falls: set a shorter warm-up"));
  }
}

TEST(Schedule, ARateThatRisesIsOfTheKeyThatMadeItFall) {
  TrainingPosition position;
  position.validations.resize(1);
  position.validations.back().learning_rate = kRate / 2;
  TrainingOptions options = options_of({.kind = "cosine"});
  EXPECT_EQ(rate_that_rose(options, position, kRate / 2), "");
  EXPECT_THAT(rate_that_rose(options, position, kRate),
              testing::HasSubstr("the fall of training.schedule 'cosine' is"));
  options = options_of({});
  options.decay_after_epochs = 3;
  EXPECT_THAT(rate_that_rose(options, position, kRate), testing::HasSubstr("that training.decay_after_epochs begins"));
}

TEST(Interval, IsACountAndAUnit) {
  const TrainingExtent extent{.epochs = 1, .updates = 2, .tokens = 3, .minutes = 4};
  EXPECT_EQ(parse_interval("1 epoch").of(extent), 1);
  EXPECT_EQ(parse_interval("5e3 updates").of(extent), 2);
  EXPECT_EQ(parse_interval("5e3 updates").count, 5000);
  EXPECT_EQ(parse_interval("7tokens").of(extent), 3);
  EXPECT_EQ(parse_interval("0.5 minutes").of(extent), 4);
  for (const char* wrong : {"", "5", "epoch", "-1 epochs", "1 epochx", "nan epochs", "1 hour", "1e99 updates"}) {
    EXPECT_THAT(error_of<UsageError>([&] { parse_interval(wrong); }), testing::HasSubstr("expected: N epochs"))
        << wrong;
  }
}

}  // namespace
}  // namespace heed
