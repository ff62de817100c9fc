#include "../test_report.h"

#include "small_run.h"

namespace heed {
namespace {

class TestReport : public SmallRunTest {
 protected:
  Config tested_run(const std::string& name) const {
    Config out = small_run(name, 2);
    out.data.test.tsv = write_pairs("test.tsv", {6, 2, 4, false}, 20, 3);
    return out;
  }
  static bool is_there(const Config& config) { return std::filesystem::exists(config.output + "/test.json"); }
};

TEST_F(TestReport, OfTheRunWithoutATestSetNothingElseChanges) {
  Config plain = small_run("plain", 2);
  train(plain);
  EXPECT_FALSE(is_there(plain));
  EXPECT_TRUE(is_test_judged(plain));
  const Config tested = tested_run("tested");
  train(tested);
  EXPECT_TRUE(is_there(tested));
  EXPECT_TRUE(is_test_judged(tested));
  for (const char* file : {"parameters.safetensors", "training_state/parameters.safetensors"})
    EXPECT_EQ(bytes(plain, file), bytes(tested, file)) << file;
}

TEST_F(TestReport, StoppedBeforeItIsJudgedARunJudgesItWhenItIsResumed) {
  const Config straight = tested_run("straight");
  train(straight);
  const Config cut = tested_run("cut");
  TrainerEvents events;
  events.validated = [&](const ValidationResult& result) { stop = result.epoch == 2; };
  const TrainingReport stopped = train(cut, {.stop = &stop, .events = events});
  EXPECT_TRUE(stopped.stopped);
  EXPECT_NE(stopped.ended_by.find("data.test is still to be judged"), std::string::npos) << stopped.ended_by;
  EXPECT_FALSE(is_there(cut));
  stop = false;
  EXPECT_FALSE(train(cut, {.mode = TrainingMode::kResume}).was_finished);
  EXPECT_EQ(bytes(cut, "test.json"), bytes(straight, "test.json"));
  EXPECT_EQ(bytes(cut, "training_state/parameters.safetensors"),
            bytes(straight, "training_state/parameters.safetensors"));
  EXPECT_TRUE(train(cut, {.mode = TrainingMode::kResume}).was_finished);
}

TEST_F(TestReport, ADamagedFileOrOtherTextsAreJudgedAgain) {
  Config config = tested_run("run");
  train(config);
  Config other = config;
  other.data.test.tsv += ".other";
  EXPECT_FALSE(is_test_judged(other));
  for (const char* damaged : {"", "{", "[]", "{\"files\": 1}"}) {
    std::ofstream(config.output + "/test.json") << damaged;
    EXPECT_FALSE(is_test_judged(config)) << damaged;
  }
}

}  // namespace
}  // namespace heed
