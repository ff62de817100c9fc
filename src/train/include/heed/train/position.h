#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/train/trainer.h"

namespace HEED_ENGINE_API heed {

/// The state of a training beside weights and moments.
struct TrainingPosition {
  int epoch = 0;  ///< epochs done
  int batch = 0;  ///< batches of the current epoch done
  long updates = 0;
  long earlier_updates = 0;  ///< of the run whose moments the optimizer began with (training.start_from.optimizer)
  double epoch_loss = 0;
  long epoch_tokens = 0;
  double window_loss = 0;  ///< since the last point of the history
  long window_tokens = 0;
  double learning_rate = 0;
  double plateau_best = 0;        ///< of the schedule's metric; 0: none yet
  double plateau_perplexity = 0;  ///< beside it, where the metric is auto
  int plateau_bad = 0;            ///< validations in a row that were no better
  double tokens = 0;              ///< of the target, in all updates
  long skipped = 0;               ///< updates that were not applied
  int skipped_in_row = 0;
  double mean_norm = 0;     ///< of the gradients before clipping, lately
  int norms = 0;            ///< of which that is the mean, 100 at most
  double validated_at = 0;  ///< in the unit of training.validate_every: when the last validation was due
  double seconds = 0;
  double start_rate = 0;    ///< training.learning_rate and clip_norm of the last training resumed from here,
  double clip_norm = 0;     ///< which may change if
  bool not_finite = false;  ///< the next update's loss or gradient is not finite
  std::vector<ValidationResult> validations;
};

/// Whether the run in `directory` has a training state.
bool has_position(const std::filesystem::path& directory);
/// Reads it. Throws Error if there is none, or if it is damaged.
TrainingPosition read_position(const std::filesystem::path& directory);

/// The updates of the bundles that the run has in checkpoints/, of those that it made. Nothing without a state.
std::optional<std::vector<long>> kept_bundles(const std::filesystem::path& run);

/// A validation's numbers as JSON, as in a run's state.
std::string json_text(const ValidationResult& result);

}  // namespace heed
