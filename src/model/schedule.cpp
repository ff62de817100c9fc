#include "heed/model/schedule.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "heed/base/error.h"
#include "heed/base/nearest.h"
#include "heed/metrics/registry.h"
#include "refusal.h"

namespace heed {
namespace {

/// Between 0, where warm-up ends, and 1, where the schedule does.
double progress(const TrainingOptions& options, const TrainingClock& clock) {
  const double warmup = options.schedule.warmup_updates;
  const double end = options.schedule.total_updates > 0 ? options.schedule.total_updates
                                                        : static_cast<double>(options.epochs) * clock.batches;
  return end <= warmup ? 0 : std::clamp((clock.extent.updates - warmup) / (end - warmup), 0.0, 1.0);
}

double linear_factor(const TrainingOptions& options, const TrainingClock& clock, double least) {
  return 1 - progress(options, clock) * (1 - least);
}

double cosine_factor(const TrainingOptions& options, const TrainingClock& clock, double least) {
  return least + (1 - least) * (1 + std::cos(std::numbers::pi * progress(options, clock))) / 2;
}

std::string falls_until(const TrainingOptions& options) {
  const int updates = options.schedule.total_updates;
  return updates > 0 ? fmt::format("falls until update {}", updates)
                     : fmt::format("falls until the end of epoch {}", options.epochs);
}

double inverse_sqrt_factor(const TrainingOptions& options, const TrainingClock& clock, double least) {
  const double update = clock.extent.updates + 1;
  const double from = std::max(options.schedule.warmup_updates, 1);
  return std::max(least, std::sqrt(from / std::max(update, from)));
}

std::string falls_with_root(const TrainingOptions& options) {
  const int warmup = options.schedule.warmup_updates;
  return fmt::format("falls with the square root of the updates, from {} on",
                     warmup > 0 ? fmt::format("update {}", warmup) : "the first update");
}

/// How often `every` has passed since `start`.
double intervals_since_start(const ScheduleOptions& schedule, const TrainingExtent& extent) {
  const Interval start = parse_interval(schedule.start), every = parse_interval(schedule.every);
  // Each in its own unit; both must have begun.
  const double begun = start.unit == every.unit ? every.of(extent) - start.count : every.of(extent);
  return start.of(extent) < start.count ? 0 : std::max(begun, 0.0) / every.count;
}

double exponential_factor(const TrainingOptions& options, const TrainingClock& clock, double least) {
  const double since = intervals_since_start(options.schedule, clock.extent);
  return std::max(least, std::pow(options.schedule.decay, since));
}

double halve_factor(const TrainingOptions& options, const TrainingClock& clock, double least) {
  const double since = intervals_since_start(options.schedule, clock.extent);
  return std::max(least, std::pow(options.schedule.decay, std::floor(since)));
}

std::string falls_in_steps(const TrainingOptions& options) {
  const ScheduleOptions& schedule = options.schedule;
  return fmt::format("times {:g} each {}, from {} on", schedule.decay, schedule.every, schedule.start);
}

std::string falls_without_steps(const TrainingOptions& options) {
  const ScheduleOptions& schedule = options.schedule;
  return fmt::format("times {:g} each {}, without steps, from {} on", schedule.decay, schedule.every, schedule.start);
}

std::string falls_on_plateau(const TrainingOptions& options) {
  const ScheduleOptions& schedule = options.schedule;
  if (schedule.decay == 1) return "";
  const std::string by = schedule.threshold > 0 ? fmt::format(" by {:g} %", 100 * schedule.threshold) : "";
  const bool both = schedule.metric == kAuto && options.best_by != kPerplexity;
  const std::string watched = schedule.metric != kAuto ? schedule.metric
                              : both                   ? fmt::format("{} and perplexity", options.best_by)
                                                       : kPerplexity;
  return fmt::format("times {:g} after {} validations in a row whose {} {} not better{}{}", schedule.decay,
                     schedule.patience + 1, watched, both ? "are" : "is", by,
                     schedule.back_to_best ? ", each time from the weights of the best one" : "");
}

void refuse_unread(const ScheduleOptions& schedule, const std::string& key) {
  const auto reads = [&](const ScheduleKind& kind) {
    return std::find(kind.reads.begin(), kind.reads.end(), key) != kind.reads.end();
  };
  std::vector<std::string> kinds;
  for (const ScheduleKind& kind : schedule_kinds()) {
    if (reads(kind)) kinds.push_back(kind.name);
  }
  refuse(!reads(find_schedule(schedule.kind)), "training.schedule." + key,
         fmt::format("with training.schedule.kind '{}': it is of {}", schedule.kind, fmt::join(kinds, ", ")));
}

}  // namespace

const std::vector<ScheduleKind>& schedule_kinds() {
  static const std::vector<ScheduleKind> kinds = {
      {.name = kAuto},  // settled_schedule()
      {.name = "constant"},
      {.name = "plateau",
       .reads = {"decay", "patience", "threshold", "back_to_best", "metric", "minimum"},
       .fall = falls_on_plateau,
       .watches_metric = true},
      {.name = "halve",
       .reads = {"decay", "start", "every", "minimum"},
       .factor = halve_factor,
       .fall = falls_in_steps},
      {.name = "exponential",
       .reads = {"decay", "start", "every", "minimum"},
       .factor = exponential_factor,
       .fall = falls_without_steps},
      {.name = "inverse-sqrt", .reads = {"minimum"}, .factor = inverse_sqrt_factor, .fall = falls_with_root},
      {.name = "linear",
       .reads = {"total_updates", "minimum"},
       .factor = linear_factor,
       .fall = falls_until,
       .ends = true},
      {.name = "cosine",
       .reads = {"total_updates", "minimum"},
       .factor = cosine_factor,
       .fall = falls_until,
       .ends = true},
  };
  return kinds;
}

const ScheduleKind& find_schedule(const std::string& name) {
  for (const ScheduleKind& kind : schedule_kinds()) {
    if (kind.name == name) return kind;
  }
  throw UsageError(fmt::format("unknown schedule '{}'{}", name, did_you_mean(name, schedule_names())));
}

std::vector<std::string> schedule_names() {
  std::vector<std::string> names;
  for (const ScheduleKind& kind : schedule_kinds()) names.push_back(kind.name);
  return names;
}

ScheduleOptions settled_schedule(const TrainingOptions& training) {
  ScheduleOptions schedule = training.schedule;
  if (schedule.kind != kAuto) return schedule;
  const ScheduleOptions usual;
  const bool of_plateau = schedule.patience != usual.patience || schedule.threshold != usual.threshold ||
                          schedule.back_to_best || schedule.metric != usual.metric;
  const bool of_fall = schedule.start != usual.start || schedule.every != usual.every;
  const bool has_tail = training.decay_after_epochs > 0 || training.decay_after_minutes > 0;
  if (of_plateau || (schedule.decay != usual.decay && !of_fall)) {
    schedule.kind = "plateau";
  } else if (has_tail && !of_fall) {
    schedule.kind = "constant";
  } else {
    schedule.kind = "exponential";
    if (schedule.start == usual.start) schedule.start = "8 epochs";
    if (schedule.decay == usual.decay) schedule.decay = 0.85;
  }
  return schedule;
}

void check_effect(const ScheduleOptions& schedule) {
  const ScheduleOptions usual;
  for (const auto& [key, set] :
       {std::pair("total_updates", schedule.total_updates != 0), std::pair("decay", schedule.decay != usual.decay),
        std::pair("patience", schedule.patience != usual.patience),
        std::pair("threshold", schedule.threshold != usual.threshold), std::pair("back_to_best", schedule.back_to_best),
        std::pair("metric", schedule.metric != usual.metric), std::pair("start", schedule.start != usual.start),
        std::pair("every", schedule.every != usual.every), std::pair("minimum", schedule.minimum != usual.minimum)}) {
    if (set) refuse_unread(schedule, key);
  }
  refuse(schedule.total_updates > 0 && schedule.total_updates <= schedule.warmup_updates,
         "training.schedule.total_updates",
         fmt::format("of {}, no more than training.schedule.warmup_updates ({}), after which the learning rate falls: "
                     "set a larger one",
                     schedule.total_updates, schedule.warmup_updates));
  if (schedule.decay != 1 || !find_schedule(schedule.kind).watches_metric) return;
  const char* why = "with training.schedule.decay 1, which leaves the learning rate as it is: set a smaller one";
  refuse(schedule.patience != usual.patience, "training.schedule.patience", why);
  refuse(schedule.minimum != usual.minimum, "training.schedule.minimum", why);
}

double schedule_factor(const TrainingOptions& options, const TrainingClock& clock) {
  const int warmup = options.schedule.warmup_updates;
  const double update = clock.extent.updates + 1;
  if (update < warmup) return update / warmup;
  const ScheduleKind& kind = find_schedule(options.schedule.kind);
  const double least = std::min(1.0, options.schedule.minimum / options.learning_rate);
  return kind.factor == nullptr ? 1 : kind.factor(options, clock, least);
}

namespace {

/// From 0 to 1 while `share` of training.scheduled_sampling.updates goes from 0 to 1; nullptr: no sampling.
struct SamplingKind {
  const char* name;
  double (*way)(double share);
};

constexpr double kSteepness = 5;  // what of a curve lies between 0 and `updates`: exp(-5) is not reached

const SamplingKind kSamplingKinds[] = {
    {"none", nullptr},
    {"linear", [](double share) { return std::min(1.0, share); }},
    {"exponential",
     [](double share) { return std::min(1.0, (1 - std::exp(-kSteepness * share)) / (1 - std::exp(-kSteepness))); }},
    {"inverse-sigmoid",
     [](double share) {
       const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
       const double low = sigmoid(-kSteepness), high = sigmoid(kSteepness);
       return share >= 1 ? 1 : (sigmoid(kSteepness * (2 * share - 1)) - low) / (high - low);
     }},
};

}  // namespace

double sampling_probability(const ScheduledSamplingOptions& options, const TrainingExtent& now) {
  const auto kind = std::find_if(std::begin(kSamplingKinds), std::end(kSamplingKinds),
                                 [&](const SamplingKind& one) { return one.name == options.kind; });
  if (kind == std::end(kSamplingKinds)) throw UsageError("unknown kind of scheduled sampling: " + options.kind);
  if (kind->way == nullptr) return 0;
  return options.start + (options.end - options.start) * kind->way(now.updates / options.updates);
}

std::vector<std::string> sampling_names() {
  std::vector<std::string> names;
  for (const SamplingKind& kind : kSamplingKinds) names.emplace_back(kind.name);
  return names;
}

}  // namespace heed
