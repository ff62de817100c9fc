#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "error_of.h"
#include "heed/metrics/registry.h"
#include "heed/model/bundle.h"
#include "heed/model/safetensors.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/translator.h"
#include "small_trainings.h"

namespace heed {
namespace {

class Resume : public SmallTrainings {};

TEST_F(Resume, TheSameSeedGivesTheSameBytes) {
  for (const int threads : {1, 2, 4}) {
    Config first = small_run("first", 2);
    Config second = small_run("second", 2);
    first.training.threads = second.training.threads = threads;
    run(first);
    run(second);
    expect_same_state(first, second);
    std::filesystem::remove_all(first.output);
    std::filesystem::remove_all(second.output);
  }
  const Config first = small_run("first", 1);
  Config other = small_run("other", 1);
  ++other.training.seed;
  run(first);
  run(other);
  EXPECT_NE(bytes(first, kStateFile), bytes(other, kStateFile));
  Config parts = small_run("parts", 1);
  parts.training.accumulate = 2;
  run(parts);
  EXPECT_NE(bytes(first, kStateFile), bytes(parts, kStateFile)) << "dropout of each part";
}

TEST_F(Resume, TwoEpochsAndTwoMoreAreFour) {
  const Config straight = small_run("straight", 4);
  const TrainingReport expected = run(straight);
  run(small_run("parts", 2));
  const Config parts = small_run("parts", 4);
  const TrainingReport actual = run(parts, true);
  expect_same_state(straight, parts);
  ASSERT_EQ(actual.validations.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(actual.validations[i].epoch, static_cast<int>(i) + 1);
    EXPECT_EQ(actual.validations[i].update, kBatches * (static_cast<long>(i) + 1));
    EXPECT_EQ(actual.validations[i].perplexity, expected.validations[i].perplexity);
    EXPECT_EQ(actual.validations[i].train_loss, expected.validations[i].train_loss);
    EXPECT_EQ(actual.validations[i].value("bleu"), expected.validations[i].value("bleu"));
    EXPECT_EQ(actual.validations[i].best, expected.validations[i].best);
  }
  EXPECT_EQ(actual.best.epoch, expected.best.epoch);
}

TEST_F(Resume, CorporaByWeightAndPairsHeldOutGoOnWhereTheyWere) {
  const auto weighted = [&](const char* name) {
    Config out = small_run(name, 3);
    out.data.more_train = {out.data.validation};
    out.data.train.weight = 1;
    out.data.more_train[0].weight = 2;
    out.data.validation = {};
    out.data.held_out = 0.2;
    return out;
  };
  const Config straight = weighted("straight");
  run(straight);
  Config parts = weighted("parts");
  run_until(parts, 8);
  run(parts, true);
  expect_same_state(straight, parts);
  parts.training.epochs = 4;
  parts.data.more_train[0].weight = 3;
  const std::string fault = error_of<UsageError>([&] { run(parts, true); });
  EXPECT_NE(fault.find("data.train.weight: [1, 2]"), std::string::npos) << fault;
  const Config plain = small_run("plain", 3);
  run(plain);
  EXPECT_NE(bytes(plain, kStateFile), bytes(straight, kStateFile));
}

TEST_F(Resume, TheRateFallsWithTheEpochsWhereverItWasInterrupted) {
  const auto falling = [&](const char* name) {
    Config out = small_run(name, 4);
    out.training.schedule.decay = 1;
    out.training.decay_after_epochs = 2;
    out.training.final_rate = 0.25;
    return out;
  };
  const Config straight = falling("straight");
  const TrainingReport report = run(straight);
  ASSERT_EQ(report.validations.size(), 4U);
  const double shares[] = {1, 1, 0.625, 0.25};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_DOUBLE_EQ(report.validations[i].learning_rate, 0.01 * shares[i]);
  const Config parts = falling("parts");
  run_until(parts, 3 * kBatches + 2);
  run(parts, true);
  expect_same_state(straight, parts);
}

// What falls with the share of epochs that are done is higher again where more are to come.
TEST_F(Resume, ARateThatRisesAgainIsAWarning) {
  Config config = small_run("run", 3);
  config.training.schedule.decay = 1;
  config.training.decay_after_epochs = 1;
  config.training.final_rate = 0.5;
  run(config);
  std::vector<std::string> warnings;
  TrainerEvents events;
  events.log = [&](LogLevel level, std::string_view text) {
    if (level == LogLevel::kWarning && text.find("learning rate") != text.npos) warnings.emplace_back(text);
  };
  config.training.epochs = 5;
  events.progress = [&](const TrainingProgress& progress) { stop = progress.update == 4 * kBatches + 1; };
  EXPECT_TRUE(train(config, {.mode = TrainingMode::kResume, .stop = &stop, .events = events}).stopped);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_TRUE(warnings[0].starts_with("the learning rate rises from 0.005 to 0.0075: ")) << warnings[0];
  stop = false;
  events.progress = {};
  train(config, {.mode = TrainingMode::kResume, .stop = &stop, .events = events});
  EXPECT_EQ(warnings.size(), 1U) << "as long as before";
}

TEST_F(Resume, TheCallerWordsHowToGoOn) {
  const Config config = small_run("a run", 1);
  run(config);
  TrainerEvents events;
  events.progress = [&](const TrainingProgress&) { stop = true; };
  TrainerOptions options{.mode = TrainingMode::kReplace, .stop = &stop, .events = events};
  options.origin.resume_command = [](const std::filesystem::path& run, const std::string&) {
    return "resume " + run.string();
  };
  const std::string error = train(config, options).ended_by;
  EXPECT_NE(error.find("go on with `resume " + config.output + ".new`"), std::string::npos) << error;
}

TEST_F(Resume, AFaultAndASaveThatFailsAfterItAreBothTold) {
  Config config = small_run("folder/run", 2);
  config.training.max_skipped = 0;
  TrainerEvents events;
  events.inspected = [&](const ValidationView& view) {
    spoil_loss(view);
    std::filesystem::rename(root / "folder", root / "gone");
    std::ofstream(root / "folder") << "a file";
  };
  const std::string text = error_of([&] { train(config, {.stop = &stop, .events = events}); });
  EXPECT_NE(text.find("update 6: the loss is"), std::string::npos) << text;
  EXPECT_NE(text.find("; and then: cannot save '"), std::string::npos) << text;
}

TEST_F(Resume, AnInterruptionAnywhereChangesNothing) {
  const Config straight = small_run("straight", 3);
  run(straight);
  // In the first epoch, at the end of one, right after it; several times in one run.
  const std::vector<std::vector<long>> stops = {
      {1}, {3}, {kBatches}, {kBatches + 1}, {2, 4, 2 * kBatches, 3 * kBatches}};
  for (const std::vector<long>& updates : stops) {
    const Config parts = small_run("parts", 3);
    bool resume = false;
    for (const long update : updates) {
      run_until(parts, update, mode(resume));
      resume = true;
    }
    const TrainingReport report = run(parts, true);
    expect_same_state(straight, parts);
    EXPECT_EQ(report.validations.size(), 3U);
    std::filesystem::remove_all(parts.output);
  }
}

TEST_F(Resume, AnInterruptedRunIsACompleteBundle) {
  const Config config = small_run("run", 3);
  for (const long update : {2L, kBatches + 2L}) {
    run_until(config, update, mode(update > 2));
    const Translator translator({Bundle::load(config.output)});
    const std::vector<std::string> sentences = {"a b c"};
    EXPECT_EQ(translator.translate(sentences, {}).front().translations.size(), 1U);
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
      EXPECT_FALSE(entry.path().filename().string().starts_with(".heed-tmp")) << entry.path();
    }
  }
}

// A new training in the place of an old one, interrupted before its first validation, and later.
TEST_F(Resume, ARunThatIsReplacedStaysUntilTheNewOneIsValidated) {
  Config old = small_run("run", 1);
  old.model.decoder_hidden = 10;
  run(old);
  const std::string weights = bytes(old, "parameters.safetensors");
  const std::string state = bytes(old, kStateFile);
  const Config straight = small_run("straight", 2);
  run(straight);
  const Config config = small_run("run", 2);
  EXPECT_THROW(run(config), UsageError);
  run_until(config, 2, TrainingMode::kReplace);
  EXPECT_EQ(bytes(old, "parameters.safetensors"), weights);
  EXPECT_EQ(bytes(old, kStateFile), state);
  EXPECT_THROW(train(config, {.mode = TrainingMode::kReplace, .stop = &stop}), UsageError)
      << "the new run beside it would be lost";
  const Config beside = small_run("run.new", 2);
  run(beside, true);
  expect_same_state(straight, beside);
  std::filesystem::remove_all(beside.output);
  run_until(config, kBatches + 1, TrainingMode::kReplace);
  EXPECT_EQ(Bundle::load(config.output).config.model.decoder_hidden, 8);
  run(config, true);
  expect_same_state(straight, config);
}

// Where a training died without a word, the last complete state stands.
TEST_F(Resume, AnExceptionLeavesTheLastState) {
  const Config config = small_run("run", 3);
  TrainerEvents events;
  events.progress = [](const TrainingProgress& progress) {
    if (progress.update == kBatches + 3) throw std::runtime_error("out of power");
  };
  stop = false;
  EXPECT_THROW(train(config, {.stop = &stop, .events = events}), std::runtime_error);
  Bundle::load(config.output);
  run(config, true);
  const Config straight = small_run("straight", 3);
  run(straight);
  expect_same_state(straight, config);
}

TEST_F(Resume, NeedsAStateAndTheSameRun) {
  const Config config = small_run("run", 1);
  EXPECT_THROW(run(config, true), Error);
  run(config);
  Config other = small_run("run", 2);
  other.training.learning_rate = 0.02;
  const std::string text = error_of<UsageError>([&] { run(other, true); });
  EXPECT_NE(text.find("learning_rate: 0.01"), std::string::npos) << text;
  EXPECT_NE(text.find("learning_rate: 0.02"), std::string::npos) << text;
  // Nothing is left to do: the report comes from the state.
  EXPECT_EQ(run(config, true).validations.size(), 1U);
}

TEST_F(Resume, ADamagedStateIsAnErrorThatNamesTheFile) {
  const Config config = small_run("run", 1);
  run(config);
  for (const char* file : {"position.json", "parameters.safetensors", "optimizer.safetensors"}) {
    const std::filesystem::path path = std::filesystem::path(config.output) / "training_state" / file;
    const std::string before = read_file(path);
    std::filesystem::resize_file(path, before.size() / 2);
    const std::string error = error_of([&] { run(small_run("run", 2), true); });
    EXPECT_NE(error.find(file), std::string::npos) << error;
    std::ofstream(path, std::ios::binary) << before;
  }
  run(small_run("run", 2), true);
}

TEST_F(Resume, ProgressCountsUp) {
  const Config config = small_run("run", 2);
  TrainerEvents events;
  long updates = 0;
  int validations = 0;
  events.progress = [&](const TrainingProgress& progress) {
    EXPECT_EQ(progress.update, ++updates);
    EXPECT_EQ(progress.epoch, 1 + (updates - 1) / kBatches);
    EXPECT_EQ(progress.batch, 1 + (updates - 1) % kBatches);
    EXPECT_EQ(progress.batches, kBatches);
    EXPECT_EQ(progress.epochs, 2);
    EXPECT_GT(progress.loss, 0.0);
    EXPECT_GT(progress.gradient_norm, 0.0);
    EXPECT_GE(progress.seconds_left, 0.0);
  };
  events.validated = [&](const ValidationResult& result) { EXPECT_EQ(result.epoch, ++validations); };
  train(config, {.stop = &stop, .events = events});
  EXPECT_EQ(updates, 2 * kBatches);
  EXPECT_EQ(validations, 2);
}

TEST_F(Resume, EarlyStopEndsATraining) {
  Config config = small_run("run", 50);
  config.training.optimizer.kind = "sgd";
  config.training.learning_rate = 1e-12;  // nothing ever improves
  config.training.early_stop = 3;
  const TrainingReport report = run(config);
  EXPECT_EQ(report.validations.size(), 4U);
  EXPECT_EQ(report.best.epoch, 1);
  EXPECT_NE(report.ended_by.find("training.early_stop"), std::string::npos) << report.ended_by;
  // Whether a model that has learnt nothing is worse than guessing is the seed's choice; doubted it is either way.
  EXPECT_THAT(report.doubt, testing::AnyOf(testing::HasSubstr("better perplexity than the first"),
                                           testing::HasSubstr("worse than guessing")));
  EXPECT_TRUE(run(config, true).was_finished);
  config.training.early_stop = 4;
  EXPECT_EQ(run(config, true).validations.size(), 5U);
}

TEST_F(Resume, ThePlateauRuleWaitsAndHasAFloor) {
  const auto rates = [&](const std::string& name, int patience) {
    Config config = small_run(name, 6);
    config.training.optimizer.kind = "sgd";
    config.training.learning_rate = 1e-12;
    config.training.schedule.minimum = 1e-14;
    config.training.schedule.decay = 0.1;
    config.training.schedule.metric = kPerplexity;
    config.training.schedule.patience = patience;
    std::vector<int> out;  // as powers of ten
    for (const ValidationResult& v : run(config).validations) {
      out.push_back(static_cast<int>(std::lround(std::log10(v.learning_rate))));
    }
    return out;
  };
  EXPECT_EQ(rates("eager", 0), (std::vector<int>{-12, -12, -13, -14, -14, -14}));
  EXPECT_EQ(rates("patient", 1), (std::vector<int>{-12, -12, -12, -13, -13, -14}));
}

// All files of a run with their bytes.
std::map<std::string, std::string> contents(const std::string& directory) {
  std::map<std::string, std::string> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) out[entry.path()] = read_file(entry.path());
  }
  return out;
}

TEST_F(Resume, AFinishedRunIsLeftAsItIs) {
  const Config config = small_run("run", 2);
  const TrainingReport first = run(config);
  EXPECT_FALSE(first.was_finished);
  EXPECT_EQ(first.ended_by, "training.epochs: all 2 are done");
  const auto before = contents(config.output);
  EXPECT_FALSE(before.empty());
  TrainerEvents events;
  events.started = [](const TrainingStart&) { ADD_FAILURE() << "started"; };
  for (int again = 0; again < 2; ++again) {
    const TrainingReport report = train(config, {.mode = TrainingMode::kResume, .stop = &stop, .events = events});
    EXPECT_TRUE(report.was_finished);
    EXPECT_EQ(report.best.epoch, first.best.epoch);
    EXPECT_EQ(report.best_by, first.best_by);
    EXPECT_EQ(contents(config.output), before);
  }
}

TEST_F(Resume, WhatMaxMinutesCutGoesOnInTheMiddle) {
  const Config straight = small_run("straight", 3);
  run(straight);
  Config parts = small_run("parts", 3);
  parts.training.max_minutes = 1e-9;  // one update
  const TrainingReport cut = run(parts);
  EXPECT_EQ(cut.ended_by, "training.max_minutes: 1e-09 have passed");
  ASSERT_EQ(cut.validations.size(), 1U);
  EXPECT_TRUE(cut.best.cut);
  EXPECT_EQ(cut.best.update, 1);
  const auto before = contents(parts.output);
  EXPECT_TRUE(run(parts, true).was_finished);
  EXPECT_EQ(contents(parts.output), before);
  parts.training.max_minutes = 0;
  const TrainingReport report = run(parts, true);
  expect_same_state(straight, parts);
  EXPECT_EQ(report.validations.size(), 4U);
  EXPECT_FALSE(report.validations.back().cut);
}

}  // namespace
}  // namespace heed
