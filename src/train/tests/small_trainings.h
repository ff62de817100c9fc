#pragma once
#include <gtest/gtest.h>

#include <string>

#include "runs.h"

// Small trainings that are stopped and go on.
namespace heed {

inline constexpr const char* kStateFile = "training_state/parameters.safetensors";
inline constexpr const char* kMoments = "training_state/optimizer.safetensors";
inline constexpr int kBatches = 5;  // of an epoch

class SmallTrainings : public RunTest {
 protected:
  Config small_run(const std::string& name, int epochs) const {
    Config out = config({6, 2, 4, false}, 16 * kBatches, 12);
    out.output = (root / name).string();
    out.model.embedding = 8;
    out.model.encoder_hidden = out.model.decoder_hidden = 8;
    out.model.dropout = 0.3;
    out.training.batch_sentences = 16;
    out.training.learning_rate = 0.01;
    out.training.epochs = epochs;
    return out;
  }
  static TrainingMode mode(bool resume) { return resume ? TrainingMode::kResume : TrainingMode::kNew; }
  TrainingReport run(const Config& config, bool resume = false) {
    stop = false;
    return train(config, {.mode = mode(resume), .stop = &stop});
  }
  /// Stops after the update of that number. The events of the way there, for tests of them.
  void run_until(const Config& config, long update, TrainingMode mode = TrainingMode::kNew) {
    TrainerEvents events;
    events.progress = [&](const TrainingProgress& progress) { stop = progress.update == update; };
    stop = false;
    EXPECT_TRUE(train(config, {.mode = mode, .stop = &stop, .events = events}).stopped);
  }
  void expect_same_state(const Config& a, const Config& b) {
    EXPECT_EQ(bytes(a, kStateFile), bytes(b, kStateFile));
    EXPECT_EQ(bytes(a, kMoments), bytes(b, kMoments));
    EXPECT_EQ(bytes(a, "parameters.safetensors"), bytes(b, "parameters.safetensors"));
  }
};

}  // namespace heed
