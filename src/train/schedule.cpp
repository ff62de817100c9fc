#include "schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "fmt/format.h"
#include "selection.h"

namespace heed {
namespace {

// Of the way from `after` to `end`.
double share_behind(double after, double now, double end) {
  return after <= 0 || now <= after ? 0 : std::min(1.0, (now - after) / (end - after));
}

/// Between 0, where warm-up ends, and 1, where the schedule does.
double progress(const TrainingOptions& options, const TrainingClock& clock) {
  const double warmup = options.schedule.warmup_updates;
  const double end = options.schedule.total_updates > 0 ? options.schedule.total_updates
                                                        : static_cast<double>(options.epochs) * clock.batches;
  return end <= warmup ? 0 : std::clamp((clock.extent.updates - warmup) / (end - warmup), 0.0, 1.0);
}

/// How often `every` has passed since `start`.
double intervals_since_start(const ScheduleOptions& schedule, const TrainingExtent& extent) {
  const Interval start = parse_interval(schedule.start), every = parse_interval(schedule.every);
  // Each in its own unit; both must have begun.
  const double begun = start.unit == every.unit ? every.of(extent) - start.count : every.of(extent);
  return start.of(extent) < start.count ? 0 : std::max(begun, 0.0) / every.count;
}

/// What the schedule multiplies the rate by.
double kind_factor(const TrainingOptions& options, const TrainingClock& clock) {
  const ScheduleOptions& schedule = options.schedule;
  const double update = clock.extent.updates + 1;
  if (update < schedule.warmup_updates) return update / schedule.warmup_updates;
  const double least = std::min(1.0, schedule.minimum / options.learning_rate);
  if (schedule.kind == "inverse-sqrt") {
    const double from = std::max(schedule.warmup_updates, 1);
    return std::max(least, std::sqrt(from / std::max(update, from)));
  }
  if (schedule.kind == "linear") return 1 - progress(options, clock) * (1 - least);
  if (schedule.kind == "cosine") {
    return least + (1 - least) * (1 + std::cos(std::numbers::pi * progress(options, clock))) / 2;
  }
  if (schedule.kind == "halve" || schedule.kind == "exponential") {
    const double since = intervals_since_start(schedule, clock.extent);
    return std::max(least, std::pow(schedule.decay, schedule.kind == "halve" ? std::floor(since) : since));
  }
  return 1;  // constant; plateau, whose decays are in the position
}

}  // namespace

double learning_rate(const TrainingOptions& options, const TrainingPosition& position, const TrainingClock& clock) {
  const double tail = std::max(share_behind(options.decay_after_epochs, clock.extent.epochs, options.epochs),
                               share_behind(options.decay_after_minutes, clock.extent.minutes, options.max_minutes));
  return position.learning_rate * kind_factor(options, clock) * (1 - tail * (1 - options.final_rate));
}

TrainingPosition decay_on_plateau(const TrainingOptions& options, TrainingPosition position,
                                  const ValidationResult& result) {
  const ScheduleOptions& schedule = options.schedule;
  if (schedule.kind != "plateau") return position;
  const double value = result.value(schedule.metric);
  const bool falls = !higher_is_better(schedule.metric);
  const double to_beat = position.plateau_best * (falls ? 1 - schedule.threshold : 1 + schedule.threshold);
  // Of an error rate 0 is a value, and the best.
  const auto whole = [](const ValidationResult& v) { return !v.cut; };
  const auto& earlier = position.validations;
  const bool perfect = falls && std::any_of(earlier.begin(), earlier.end(), whole);
  if ((position.plateau_best == 0 && !perfect) || (falls ? value < to_beat : value > to_beat)) {
    position.plateau_best = value;
    position.plateau_bad = 0;
  } else if (++position.plateau_bad > schedule.patience) {
    const double lowest = std::min(position.learning_rate, schedule.minimum);
    position.learning_rate = std::max(position.learning_rate * schedule.decay, lowest);
    position.plateau_bad = 0;
  }
  return position;
}

std::string schedule_text(const TrainingOptions& options) {
  const ScheduleOptions& schedule = options.schedule;
  std::string out = fmt::format("learning rate {:.3g}, {}", options.learning_rate, schedule.kind);
  const bool plateau = schedule.kind == "plateau" && schedule.decay < 1;
  if (plateau) {
    out += fmt::format(" (times {:g} after {} validations in a row without a better {})", schedule.decay,
                       schedule.patience + 1, schedule.metric);
  }
  if (schedule.warmup_updates > 0) out += fmt::format(", {} updates of warm-up", schedule.warmup_updates);
  if (options.decay_after_epochs > 0) {
    out += fmt::format("{} from epoch {} on linearly to {:g} of it", plateau ? ", and beside that" : ",",
                       options.decay_after_epochs, options.final_rate);
  }
  if (options.decay_after_minutes > 0) {
    out += fmt::format("{} from minute {:g} on linearly, by the clock, to {:g} of it",
                       plateau ? ", and beside that" : ",", options.decay_after_minutes, options.final_rate);
  }
  return out;
}

std::string rate_that_rose(const TrainingPosition& position, double rate) {
  constexpr double kRounding = 1e-6;
  if (position.validations.empty()) return "";
  const double before = position.validations.back().learning_rate;
  if (rate <= before * (1 + kRounding)) return "";
  return fmt::format(
      "the learning rate rises from {:.3g} to {:.3g}: training is to last longer than before, and the fall that "
      "training.decay_after_epochs or decay_after_minutes begins is spread over all of it",
      before, rate);
}

std::string clock_text(const TrainingOptions& options) {
  std::string keys;
  if (options.max_minutes > 0) keys += "training.max_minutes";
  if (options.decay_after_minutes > 0) keys += " and training.decay_after_minutes";
  return keys.empty() ? "" : "; not reproducible to the bit: " + keys + " go by the clock";
}

std::string precision_text(Precision precision) {
  const std::string name = name_of(precision);
  return is_native(precision) ? name : name + " (no faster than float32: this processor has no instructions for it)";
}

}  // namespace heed
