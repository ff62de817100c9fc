#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/model/config.h"
#include "heed/model/interval.h"

namespace HEED_ENGINE_API heed {

/// Where a training stands, as a schedule sees it.
struct TrainingClock {
  TrainingExtent extent;  ///< of what is done
  int batches = 0;        ///< of an epoch; 0: not known yet
};

/// A line of the table of schedules, from which config, training and its words follow.
struct ScheduleKind {
  std::string name;                     ///< of training.schedule.kind
  std::vector<std::string> reads = {};  ///< keys training.schedule.* beside kind and warmup_updates, which all read
  /// What multiplies the learning rate after warm-up, `least` or more; nullptr: the rate does not fall by itself.
  double (*factor)(const TrainingOptions& options, const TrainingClock& clock, double least) = nullptr;
  /// How the rate falls, for the start of a training; nullptr: it does not.
  std::string (*fall)(const TrainingOptions& options) = nullptr;
  bool watches_metric = false;  ///< validations decay the rate (decay_on_plateau)
  bool ends = false;            ///< at total_updates, or with training.epochs
};
const std::vector<ScheduleKind>& schedule_kinds();
/// Throws UsageError, with the nearest name, for an unknown one.
const ScheduleKind& find_schedule(const std::string& name);
std::vector<std::string> schedule_names();
/// training.schedule, and in the place of 'auto' a plateau if a key of that alone is set, constant beside a tail
/// (training.decay_after_...), else exponential, times 0.85 each epoch from 8 on. It does not depend on how many epochs
/// there are to be, so that a training can go on.
ScheduleOptions settled_schedule(const TrainingOptions& training);
/// Throws UsageError for a key training.schedule.* that is set and has no effect beside the others.
void check_effect(const ScheduleOptions& schedule);

/// The schedule's factor of the learning rate at the next update, warm-up included.
double schedule_factor(const TrainingOptions& options, const TrainingClock& clock);

/// The probability of training.scheduled_sampling at that moment; 0 without it.
double sampling_probability(const ScheduledSamplingOptions& options, const TrainingExtent& now);
/// Values of training.scheduled_sampling.kind.
std::vector<std::string> sampling_names();

}  // namespace heed
