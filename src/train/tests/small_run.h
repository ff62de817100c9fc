#pragma once
#include "runs.h"

namespace heed {

/// Trainings of a second at most, 5 updates an epoch.
class SmallRunTest : public RunTest {
 protected:
  static constexpr int kBatches = 5;

  Config small_run(const std::string& name, int epochs) const {
    Config out = config({6, 2, 4, false}, 16 * kBatches, 12);
    out.output = (root / name).string();
    out.model.embedding = 8;
    out.model.encoder_hidden = out.model.decoder_hidden = 8;
    out.training.batch_sentences = 16;
    out.training.learning_rate = 0.01;
    out.training.epochs = epochs;
    return out;
  }
  /// Trains and returns the warnings.
  std::vector<std::string> warnings_of(const Config& config, TrainerEvents events = {}) {
    std::vector<std::string> out;
    events.log = [&](LogLevel level, std::string_view text) {
      if (level == LogLevel::kWarning) out.emplace_back(text);
    };
    report = train(config, {.stop = &stop, .events = events});
    return out;
  }
  TrainingReport report;
};

}  // namespace heed
