#pragma once
#include "cadence.h"
#include "heed/train/position.h"
#include "heed/train/updater.h"
#include "history_writer.h"

namespace heed {

/// How fast this process is: updates without what happens between them, and validations with their saves.
class Pace {
 public:
  void begin_epoch() { epoch_ = {}; }
  void updated(double seconds, long target_tokens) {
    for (Sum* sum : {&epoch_, &all_}) sum->add(seconds, static_cast<double>(target_tokens));
  }
  void validated(double seconds) { validations_.add(seconds, 0); }

  double words_per_second_of_epoch() const { return epoch_.words_per_second(); }
  double words_per_second() const { return all_.words_per_second(); }
  double seconds_of_update() const { return epoch_.mean(epoch_.seconds); }
  double tokens_of_update() const { return epoch_.mean(epoch_.tokens); }
  double seconds_of_validation() const { return validations_.mean(validations_.seconds); }

 private:
  struct Sum {
    int count = 0;
    double seconds = 0;
    double tokens = 0;
    void add(double more, double more_tokens) {
      ++count;
      seconds += more;
      tokens += more_tokens;
    }
    double mean(double value) const { return count > 0 ? value / count : 0; }
    double words_per_second() const { return seconds > 0 ? tokens / seconds : 0; }
  };
  Sum epoch_, all_, validations_;
};

/// What updates and validations take.
struct Speed {
  double seconds_of_update = 0;
  double tokens_of_update = 0;
  double seconds_of_validation = 0;
};

/// What is still to come of a training at most, unless early_stop ends it.
struct TimeLeft {
  double updates = 0;
  double validations = 0;
  double seconds = 0;
  bool cut = false;  ///< by max_minutes
};
/// `now`: how far it is; `batches` of an epoch.
TimeLeft time_left(const TrainingOptions& options, const TrainingPosition& position, const TrainingExtent& now,
                   double batches, const Speed& speed);

/// An update, and what it was done with.
struct DoneUpdate {
  UpdateResult result;
  double learning_rate = 0;
  int batches = 0;        ///< of an epoch
  long number = 0;        ///< from 1
  TrainingExtent extent;  ///< of training up to here
};

/// Counts an update that was applied: its loss and its tokens, of the epoch and of the history's window.
void count_loss(TrainingPosition& position, const UpdateResult& result);
void begin_next_epoch(TrainingPosition& position);

/// What there is to tell after an update.
TrainingProgress progress_of(const TrainingOptions& options, const TrainingPosition& position, const DoneUpdate& done,
                             const Pace& pace);

/// Adds a point to the history at so many places of each epoch and at its end; the window of `position` begins anew.
void remember(const TrainingProgress& now, TrainingPosition& position, HistoryWriter& history);

}  // namespace heed
