// Sub-word sampling in training.
#include <algorithm>

#include "batch_sampler.h"
#include "small_trainings.h"

namespace heed {
namespace {

class SamplingTest : public SmallTrainings {
 protected:
  Config sampled(const std::string& name, double alpha) const {
    Config out = small_run(name, 2);
    for (TextOptions* side : {&out.data.source, &out.data.target}) {
      side->tokenizer = "sentencepiece";
      side->vocabulary = 20;
      side->sampling = alpha;
    }
    out.data.target.algorithm = "bpe";
    return out;
  }
};

TEST_F(SamplingTest, AStopInAnEpochChangesNothing) {
  const Config usual = sampled("usual", 0), whole = sampled("whole", 0.3), stopped = sampled("stopped", 0.3);
  run(usual);
  run(whole);
  EXPECT_NE(bytes(usual, kStateFile), bytes(whole, kStateFile));
  run_until(stopped, 2);
  run_until(stopped, kBatches + 3, TrainingMode::kResume);
  run(stopped, true);
  expect_same_state(whole, stopped);
}

// Each batch draws anew, whatever the number of workers.
TEST_F(SamplingTest, ABatchIsCutTheSameWayByAnyNumberOfWorkers) {
  const Config config = sampled("batches", 0.3);
  const TrainingData data = load_training_data(config.data, false, "", [](LogLevel, std::string_view) {});
  const auto sampled_by = [&](int workers, int epoch, int number) {
    WorkerPool pool(workers);
    BatchSampler sampler(data, pool, 1);
    std::vector<int> places = {0, 3, 3, 5, 7};
    std::vector<std::vector<int>> out;
    for (const Example& example : sampler.sample(data.train.at(places), epoch, number)) {
      out.emplace_back(example.source.begin(), example.source.end());
      out.emplace_back(example.target.begin(), example.target.end());
    }
    return out;
  };
  const auto batch = sampled_by(1, 0, 0);
  EXPECT_EQ(sampled_by(3, 0, 0), batch);
  EXPECT_NE(sampled_by(1, 0, 1), batch);
  EXPECT_NE(sampled_by(1, 1, 0), batch);
}

TEST_F(SamplingTest, AReversedTargetIsCutAsTheTextIs) {
  Config config = sampled("reversed", 0.3);
  const auto targets = [&](bool reversed) {
    config.data.target.reversed = reversed;
    const TrainingData data = load_training_data(config.data, false, "", [](LogLevel, std::string_view) {});
    WorkerPool pool(1);
    BatchSampler sampler(data, pool, 1);
    std::vector<std::vector<int>> out;
    for (const Example& example : sampler.sample(data.train.all(), 0, 0))
      out.emplace_back(example.target.begin(), example.target.end());
    return out;
  };
  std::vector<std::vector<int>> turned = targets(false);
  for (std::vector<int>& target : turned) std::ranges::reverse(target);
  EXPECT_EQ(targets(true), turned);
}

}  // namespace
}  // namespace heed
