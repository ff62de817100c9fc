// Validation and saves within epochs, and the models that are kept.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "error_of.h"
#include "heed/model/bundle.h"
#include "heed/model/safetensors.h"
#include "heed/model/seq2seq.h"
#include "heed/train/position.h"
#include "small_trainings.h"

namespace heed {
namespace {

class Checkpoints : public SmallTrainings {};

TEST_F(Checkpoints, ValidationsWithinEpochsTheAverageAndTheScheduleGoOnFromAnyUpdate) {
  const auto busy = [&](const std::string& name) {
    Config out = small_run(name, 2);
    out.training.validate_every = "3 updates";
    out.training.checkpoint_every = "2 updates";
    out.training.average_decay = 0.8;
    out.training.optimizer = {.kind = "adamw", .weight_decay = 0.1};
    out.training.schedule = {.kind = "exponential", .warmup_updates = 3, .decay = 0.9, .every = "200 tokens"};
    return out;
  };
  const Config straight = busy("straight");
  const TrainingReport expected = run(straight);
  std::vector<long> updates;
  for (const ValidationResult& validation : expected.validations) updates.push_back(validation.update);
  EXPECT_EQ(updates, (std::vector<long>{3, 6, 9, 2 * kBatches})) << "the end of an epoch alone is no reason";
  for (int stopped_at = 1; stopped_at < 2 * kBatches; ++stopped_at) {
    const Config parts = busy("parts" + std::to_string(stopped_at));
    run_until(parts, stopped_at);
    const TrainingReport actual = run(parts, true);
    expect_same_state(straight, parts);
    ASSERT_EQ(actual.validations.size(), expected.validations.size()) << stopped_at;
    for (std::size_t i = 0; i < expected.validations.size(); ++i) {
      EXPECT_EQ(actual.validations[i].update, expected.validations[i].update) << stopped_at;
      EXPECT_EQ(actual.validations[i].perplexity, expected.validations[i].perplexity) << stopped_at;
      EXPECT_EQ(actual.validations[i].best, expected.validations[i].best) << stopped_at;
    }
  }
}

TEST_F(Checkpoints, TheBundleHasTheAverageAndTheStateTheWeights) {
  Config averaged = small_run("averaged", 2);
  averaged.training.average_decay = 0.5;
  const Config plain = small_run("plain", 2);
  const TrainingReport report = run(averaged);
  const TrainingReport expected = run(plain);
  EXPECT_EQ(bytes(averaged, kStateFile), bytes(plain, kStateFile)) << "the average changes no training";
  EXPECT_NE(bytes(averaged, "parameters.safetensors"), bytes(plain, "parameters.safetensors"));
  EXPECT_NE(report.validations.back().perplexity, expected.validations.back().perplexity) << "it is validated";
}

TEST_F(Checkpoints, TheNewestAndTheBestAreKeptAsBundles) {
  const auto kept = [&](const std::string& name) {
    Config out = small_run(name, 3);
    out.training.validate_every = "3 updates";
    out.training.keep_last = 2;
    out.training.keep_best = 2;
    out.training.average_decay = 0.5;
    out.training.learning_rate = 0.1;  // so that the newest are not the best
    return out;
  };
  const auto updates_in = [](const Config& config) {
    std::set<long> out;
    for (const auto& entry : std::filesystem::directory_iterator(config.output + "/checkpoints")) {
      out.insert(std::stol(entry.path().filename().string()));
    }
    return out;
  };
  const Config straight = kept("straight");
  const TrainingReport report = run(straight);
  std::vector<ValidationResult> all = report.validations;
  ASSERT_EQ(all.size(), 5U);
  std::set<long> expected = {all[3].update, all[4].update};
  std::stable_sort(all.begin(), all.end(), [&](const ValidationResult& a, const ValidationResult& b) {
    const bool by_bleu = report.best_by == "bleu";
    const char* metric = by_bleu ? "bleu" : "accuracy";
    const double x = a.value(metric), y = b.value(metric);
    return x > y || (x == y && a.perplexity < b.perplexity);
  });
  expected.insert({all[0].update, all[1].update});
  EXPECT_EQ(updates_in(straight), expected);
  const std::string best = "checkpoints/" + std::to_string(report.best.update) + "/parameters.safetensors";
  EXPECT_EQ(bytes(straight, best.c_str()), bytes(straight, "parameters.safetensors"));
  for (const int stopped_at : {2, 4, 7, 11}) {
    const Config parts = kept("parts" + std::to_string(stopped_at));
    run_until(parts, stopped_at);
    run(parts, true);
    EXPECT_EQ(updates_in(parts), expected) << stopped_at;
    for (const long update : expected) {
      const std::string file = "checkpoints/" + std::to_string(update) + "/parameters.safetensors";
      EXPECT_EQ(bytes(parts, file.c_str()), bytes(straight, file.c_str())) << stopped_at << ", " << update;
      EXPECT_NO_THROW(Bundle::load(parts.output + "/checkpoints/" + std::to_string(update)));
    }
  }
}

TEST_F(Checkpoints, APlateauMayGoOnFromTheBest) {
  double rate = 1;
  const auto going_back = [&](const std::string& name, bool back) {
    Config out = small_run(name, 4);
    out.training.learning_rate = rate;
    out.training.schedule.patience = 0;
    out.training.schedule.back_to_best = back;
    out.training.best_by = "perplexity";
    return out;
  };
  // Of rates that are far too high, one whose last validation is not the best: which, depends on the last bits of sums.
  Config straight = going_back("straight 1", true);
  while (rate < 1000 && run(straight).best.epoch == 4) {
    rate *= 2;
    straight = going_back("straight " + std::to_string(rate), true);
  }
  ASSERT_LT(rate, 1000);
  const SafetensorsReader state(straight.output + "/" + kStateFile);
  const SafetensorsReader best(straight.output + "/parameters.safetensors");
  for (const auto& [name, array] : best.arrays()) EXPECT_TRUE(state.floats(name) == best.floats(name)) << name;
  const Config parts = going_back("parts", true);
  run_until(parts, 2 * kBatches + 1);
  run(parts, true);
  expect_same_state(straight, parts);
  const Config staying = going_back("staying", false);
  run(staying);
  EXPECT_FALSE(bytes(staying, kStateFile) == bytes(straight, kStateFile));
}

TEST_F(Checkpoints, PartsOfEpochsAreValidated) {
  Config config = small_run("run", 2);
  config.training.validate_every = "0.4 epochs";  // two of five batches
  std::vector<long> updates;
  for (const ValidationResult& validation : run(config).validations) updates.push_back(validation.update);
  EXPECT_EQ(updates, (std::vector<long>{2, 4, 6, 8, 10}));
  Config seldom = small_run("seldom", 5);
  seldom.training.validate_every = "2 epochs";
  updates.clear();
  for (const ValidationResult& validation : run(seldom).validations) updates.push_back(validation.update / kBatches);
  EXPECT_EQ(updates, (std::vector<long>{2, 4, 5})) << "the end of a training is always validated";
}

TEST_F(Checkpoints, AnEndThatWasNotDueCountsForNoPlateau) {
  const auto seldom = [&](const std::string& name, int epochs) {
    Config out = small_run(name, epochs);
    out.training.validate_every = "2 epochs";
    out.training.learning_rate = 1e-12;
    out.training.optimizer.kind = "sgd";
    out.training.schedule.patience = 0;
    return out;
  };
  const Config straight = seldom("straight", 5);
  run(straight);
  run(seldom("parts", 3));  // validated at 2, and because it ends there at 3
  const Config parts = seldom("parts", 5);
  const TrainingReport report = run(parts, true);
  expect_same_state(straight, parts);
  ASSERT_EQ(report.validations.size(), 4U);
  EXPECT_TRUE(report.validations[1].cut);
  EXPECT_EQ(report.validations[2].learning_rate, 1e-12) << "the first that is no better";
}

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) out.insert(entry.path().filename().string());
  return out;
}

TEST_F(Checkpoints, WhatNoTrainingMadeStays) {
  namespace fs = std::filesystem;
  Config kept = small_run("run", 2);
  kept.training.keep_last = 1;
  run(kept);
  const std::string folder = kept.output + "/checkpoints";
  fs::create_directories(folder + "/mine");
  write_file_atomically(folder + "/mine/notes", "notes");
  write_file_atomically(folder + "/15", "in the way");
  fs::copy(folder + "/10", folder + "/5", fs::copy_options::recursive);  // of no record any more
  kept.training.epochs = 3;
  run(kept, true);
  EXPECT_EQ(names_in(folder), (std::set<std::string>{"5", "15", "15~", "mine"}));
  EXPECT_EQ(bytes(kept, "checkpoints/15~"), "in the way");
  EXPECT_EQ(bytes(kept, "checkpoints/mine/notes"), "notes");
  EXPECT_NO_THROW(Bundle::load(folder + "/15"));
  EXPECT_EQ(kept_bundles(kept.output), (std::vector<long>{15}));
  kept.training.keep_last = 0;
  kept.training.epochs = 4;
  run(kept, true);
  EXPECT_EQ(names_in(folder), (std::set<std::string>{"5", "15~", "mine"})) << "none of the run is left";
}

TEST_F(Checkpoints, GoWithTheRunThatIsReplaced) {
  Config kept = small_run("run", 3);
  kept.training.keep_last = 2;
  run(kept);
  EXPECT_EQ(kept_bundles(kept.output), (std::vector<long>{15, 10}));
  Config next = small_run("run", 1);
  next.training.start_from.bundle = kept.output + "/checkpoints/10";  // which goes as well
  train(next, {.mode = TrainingMode::kReplace, .stop = &stop});
  EXPECT_FALSE(std::filesystem::exists(next.output + "/checkpoints"));
  next.training.epochs = 2;
  EXPECT_EQ(run(next, true).best.epoch > 0, true) << "a run goes on without the bundle that it started from";
}

TEST_F(Checkpoints, AFileWhereTheyAreToBeIsSaidAtOnce) {
  Config kept = small_run("run", 1);
  run(kept);
  write_file_atomically(kept.output + "/checkpoints", "x");
  kept.training.epochs = 2;
  run(kept, true);
  kept.training.keep_last = 1;
  kept.training.epochs = 3;
  EXPECT_THAT(error_of([&] { run(kept, true); }), testing::HasSubstr("checkpoints' is no directory"));
}

}  // namespace
}  // namespace heed
