#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/train/trainer.h"

namespace HEED_ENGINE_API heed {

/// One start of the program: a run that was resumed has several.
struct HistoryStart {
  std::string time;  ///< UTC, ISO 8601
  TrainingOrigin origin;
  TrainingStart start;
  int threads = 0;
};

/// Training since the previous point.
struct HistoryPoint {
  double epoch = 0;  ///< epochs done, with the fraction of the current one
  long update = 0;
  double loss = 0;  ///< mean per target token since the previous point
  double learning_rate = 0;
  double gradient_norm = 0;  ///< of the last update
  double target_tokens_per_second = 0;
  double seconds = 0;
};

struct HistoryValidation {
  ValidationResult result;
  std::vector<ValidationSample> samples;
};

/// A run's training history.
struct TrainingHistory {
  std::vector<HistoryStart> starts;
  std::vector<HistoryPoint> points;
  std::vector<HistoryValidation> validations;

  /// Reads training_state/history.jsonl of a run's directory: JSON lines with the key "kind" (start, progress,
  /// validation). Throws Error that names file and line, or says that the directory has no history.
  static TrainingHistory load(const std::filesystem::path& directory);
};

}  // namespace heed
