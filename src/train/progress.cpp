#include "progress.h"

#include <algorithm>

namespace heed {
namespace {

constexpr int kPointsPerEpoch = 20;  // of the history

}  // namespace

TimeLeft time_left(const TrainingOptions& options, const TrainingPosition& position, const TrainingExtent& now,
                   double batches, const Speed& speed) {
  TimeLeft out;
  out.updates = std::max((options.epochs - position.epoch) * batches - position.batch, 0.0);
  const double seconds = out.updates * speed.seconds_of_update;
  const TrainingExtent end{static_cast<double>(options.epochs), now.updates + out.updates,
                           now.tokens + out.updates * speed.tokens_of_update, now.minutes + seconds / 60};
  out.validations = Cadence(options).validations_until(end, position);
  out.seconds = seconds + out.validations * speed.seconds_of_validation;
  if (options.max_minutes == 0) return out;
  // What the clock ends is validated once more.
  const double most = std::max(options.max_minutes - now.minutes, 0.0) * 60 + speed.seconds_of_validation;
  out.cut = most < out.seconds;
  out.seconds = std::min(out.seconds, most);
  return out;
}

void count_loss(TrainingPosition& position, const UpdateResult& result) {
  position.epoch_loss += result.loss;
  position.epoch_tokens += result.target_tokens;
  position.tokens += static_cast<double>(result.target_tokens);
  position.window_loss += result.loss;
  position.window_tokens += result.target_tokens;
}

void begin_next_epoch(TrainingPosition& position) {
  ++position.epoch;
  position.batch = 0;
  position.epoch_loss = 0;
  position.epoch_tokens = 0;
}

TrainingProgress progress_of(const TrainingOptions& options, const TrainingPosition& position, const DoneUpdate& done,
                             const Pace& pace) {
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
  out.target_tokens_per_second = pace.words_per_second_of_epoch();
  out.seconds = done.extent.minutes * 60;
  out.seconds_left = time_left(options, position, done.extent, done.batches,
                               {pace.seconds_of_update(), pace.tokens_of_update(), pace.seconds_of_validation()})
                         .seconds;
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
