#include "progress.h"

#include <algorithm>

namespace heed {
namespace {

constexpr int kPointsPerEpoch = 20;  // of the history

}  // namespace

TrainingProgress progress_of(const TrainingOptions& options, const TrainingPosition& position, const DoneUpdate& done,
                             const EpochPace& pace) {
  TrainingProgress out;
  out.epoch = position.epoch + 1;
  out.epochs = options.epochs;
  out.update = done.number;
  out.batch = position.batch;
  out.batches = done.batches;
  out.loss = position.epoch_loss / static_cast<double>(position.epoch_tokens);
  out.update_loss = done.result.loss / static_cast<double>(done.result.target_tokens);
  out.learning_rate = done.learning_rate;
  out.gradient_norm = done.result.gradient_norm;
  out.target_tokens_per_second = pace.target_tokens_per_second;
  out.seconds = done.seconds;
  const double left = (options.epochs - position.epoch) * static_cast<double>(done.batches) - position.batch;
  out.seconds_left = left * pace.seconds_per_batch;
  if (options.max_minutes > 0) {
    out.seconds_left = std::clamp(options.max_minutes * 60 - out.seconds, 0.0, out.seconds_left);
  }
  return out;
}

void remember(const TrainingProgress& now, TrainingPosition& position, HistoryWriter& history) {
  const int every = (now.batches + kPointsPerEpoch - 1) / kPointsPerEpoch;
  if (now.batch % every != 0 && now.batch < now.batches) return;
  history.add({position.epoch + static_cast<double>(now.batch) / now.batches, now.update,
               position.window_loss / static_cast<double>(position.window_tokens), now.learning_rate, now.gradient_norm,
               now.target_tokens_per_second, now.seconds});
  position.window_loss = 0;
  position.window_tokens = 0;
}

}  // namespace heed
