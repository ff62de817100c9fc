#include "heed/train/rehearsal.h"

#include "error_of.h"
#include "small_run.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

class RehearsalTest : public SmallRunTest {
 protected:
  /// Names and contents of all files.
  std::vector<std::pair<std::string, std::string>> files() const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) out.emplace_back(entry.path().string(), read_file(entry.path()));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
};

TEST_F(RehearsalTest, WritesNothingAndCountsWhatATrainingHas) {
  Config config = small_run("run", 3);
  config.output = (root / "folder" / "run").string();
  const auto before = files();
  const Rehearsal out = rehearse(config);
  EXPECT_EQ(files(), before);
  EXPECT_FALSE(fs::exists(root / "folder"));
  ASSERT_EQ(out.texts.size(), 2U);
  EXPECT_EQ(out.texts[0].pairs, 16 * kBatches);
  EXPECT_EQ(out.texts[0].kept, 16 * kBatches);
  EXPECT_EQ(out.texts[0].source.longest, 4);
  EXPECT_EQ(out.texts[0].source.tokens, out.texts[0].target.tokens);
  EXPECT_EQ(out.time.updates, kBatches);
  EXPECT_EQ(out.time.measured, kBatches);
  EXPECT_EQ(out.time.epochs, 3);
  EXPECT_EQ(out.time.validations, 3);
  EXPECT_NEAR(out.time.whole, 3 * (kBatches * out.time.update + out.time.validation), 1e-9);
  EXPECT_FALSE(out.time.cut);
  long parameters = 0;
  TrainerEvents events;
  events.started = [&](const TrainingStart& start) { parameters = start.parameters; };
  train(config, {.events = events});
  std::int64_t sum = 0;
  for (const RehearsedModule& module : out.modules) sum += module.parameters;
  EXPECT_EQ(sum, parameters);
  EXPECT_EQ(out.memory.parameters, 4 * parameters);
  EXPECT_GE(out.memory.gradients, 4 * parameters);
  EXPECT_GE(out.memory.optimizer, 2 * 4 * parameters);
  EXPECT_GT(out.memory.packed, 0);
  EXPECT_GT(out.memory.activations, 0);
  EXPECT_GT(out.memory.peak, out.memory.parameters);
}

TEST_F(RehearsalTest, MeasuresWhereARunGoesOnAndLeavesItAsItIs) {
  Config config = small_run("run", 2);
  train(config);
  const auto before = files();
  EXPECT_NE(error_of<UsageError>([&] { rehearse(config); }).find("holds a run"), std::string::npos);
  EXPECT_EQ(rehearse(config, {.mode = TrainingMode::kResume}).finished, "training.epochs: all 2 are done");
  EXPECT_EQ(rehearse(config, {.mode = TrainingMode::kReplace}).time.epochs, 2);
  config.training.epochs = 5;
  const Rehearsal out = rehearse(config, {.mode = TrainingMode::kResume});
  EXPECT_EQ(out.time.epochs, 3);
  EXPECT_EQ(out.time.validations, 3);
  EXPECT_EQ(files(), before);
}

TEST_F(RehearsalTest, ValidationsComeAsOftenAsTheConfigSays) {
  Config config = small_run("run", 4);
  config.training.validate_every = "3 updates";
  EXPECT_EQ(rehearse(config).time.validations, 7);  // of 20 updates; the last ends the training
  config.training.max_minutes = 1e-9;
  const Rehearsal out = rehearse(config);
  EXPECT_TRUE(out.time.cut);
  EXPECT_NEAR(out.time.whole, out.time.validation, 1e-6);
}

TEST_F(RehearsalTest, FindsWhatATrainingWouldEndWith) {
  Config config = small_run("run", 1);
  std::ofstream(config.data.train.tsv, std::ios::app) << "no tab\n";
  EXPECT_NE(error_of<Error>([&] { rehearse(config); }).find("train.tsv"), std::string::npos);
  EXPECT_FALSE(fs::exists(config.output));
}

}  // namespace
}  // namespace heed
