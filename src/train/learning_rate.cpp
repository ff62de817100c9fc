#include "learning_rate.h"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "heed/base/error.h"
#include "heed/metrics/registry.h"
#include "selection.h"

namespace heed {
namespace {

// Of the way from `after` to `end`.
double share_behind(double after, double now, double end) {
  return after <= 0 || now <= after ? 0 : std::min(1.0, (now - after) / (end - after));
}

/// Whether a value is better by the threshold than the best that was, which it then becomes.
bool beats(double value, double& best, bool falls, double threshold) {
  const double to_beat = best * (falls ? 1 - threshold : 1 + threshold);
  if (falls ? value >= to_beat : value <= to_beat) return false;
  best = value;
  return true;
}

}  // namespace

double learning_rate(const TrainingOptions& options, const TrainingPosition& position, const TrainingClock& clock) {
  const double tail = std::max(share_behind(options.decay_after_epochs, clock.extent.epochs, options.epochs),
                               share_behind(options.decay_after_minutes, clock.extent.minutes, options.max_minutes));
  return position.learning_rate * schedule_factor(options, clock) * (1 - tail * (1 - options.final_rate));
}

TrainingPosition decay_on_plateau(const TrainingOptions& options, TrainingPosition position,
                                  const ValidationResult& result) {
  const ScheduleOptions& schedule = options.schedule;
  if (!find_schedule(schedule.kind).watches_metric) return position;
  const auto& earlier = position.validations;
  const bool is_first = std::all_of(earlier.begin(), earlier.end(), [](const ValidationResult& v) { return v.cut; });
  const bool is_auto = schedule.metric == kAuto;
  const std::string& metric = is_auto ? options.best_by : schedule.metric;
  const double value = result.value(metric);
  const bool falls = !higher_is_better(metric);
  // Of an error rate 0 is a value, and the best; while all else is 0 nothing is known, but for perplexity.
  const bool is_unknown = position.plateau_best == 0 && (falls ? is_first : !is_auto);
  bool better = is_unknown || beats(value, position.plateau_best, falls, schedule.threshold);
  if (better) position.plateau_best = value;
  if (is_auto) {
    double& best = position.plateau_perplexity;
    const bool is_less = best == 0 || beats(result.perplexity, best, true, schedule.threshold);
    if (is_less) best = result.perplexity;
    better = better || is_less;
  }
  if (better) {
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
  const ScheduleKind& kind = find_schedule(schedule.kind);
  const std::string fall = kind.fall == nullptr ? "" : kind.fall(options);
  const bool plateau = kind.watches_metric && !fall.empty();
  if (!fall.empty()) out += fmt::format(" ({}; no lower than {:g})", fall, schedule.minimum);
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

std::string optimizer_text(const TrainingOptions& options) {
  const OptimizerOptions& optimizer = options.optimizer;
  const OptimizerOptions usual;
  std::vector<std::string> constants;
  const auto add = [&](const char* name, double value, double unsaid) {
    if (value != unsaid) constants.push_back(fmt::format("{} {:g}", name, value));
  };
  if (optimizer.betas != usual.betas) constants.push_back(fmt::format("betas {:g}", fmt::join(optimizer.betas, " ")));
  add("epsilon", optimizer.epsilon, usual.epsilon);
  add("momentum", optimizer.momentum, usual.momentum);
  add("rho", optimizer.rho, usual.rho);
  add("initial_accumulator", optimizer.initial_accumulator, usual.initial_accumulator);
  add("weight_decay", optimizer.weight_decay, usual.weight_decay);
  std::string out = "optimizer " + optimizer.kind;
  if (!constants.empty()) out += fmt::format(" ({})", fmt::join(constants, ", "));
  if (options.average_decay > 0) {
    out += fmt::format("; validated and kept is a moving average of the weights (average_decay {:g})",
                       options.average_decay);
  }
  return out;
}

std::string long_warmup(const TrainingOptions& options, int batches) {
  const ScheduleOptions& schedule = options.schedule;
  const double last = static_cast<double>(options.epochs) * batches;
  if (schedule.warmup_updates == 0 || schedule.warmup_updates < last) return "";
  std::string out = fmt::format(
      "training.schedule.warmup_updates is {}, but training.epochs ({}) ends after {:g} "
      "updates: the learning rate climbs all the time",
      schedule.warmup_updates, options.epochs, last);
  if (!find_schedule(schedule.kind).ends || schedule.total_updates > 0) return out;
  throw UsageError(fmt::format("{}, and '{}' never falls: set a shorter warm-up", out, schedule.kind),
                   {.key = "training.schedule.warmup_updates"});
}

std::string rate_that_rose(const TrainingOptions& options, const TrainingPosition& position, double rate) {
  constexpr double kRounding = 1e-6;
  if (position.validations.empty()) return "";
  const double before = position.validations.back().learning_rate;
  if (rate <= before * (1 + kRounding)) return "";
  const std::string by = options.decay_after_epochs > 0 ? "that training.decay_after_epochs begins"
                         : options.decay_after_minutes > 0
                             ? "that training.decay_after_minutes begins"
                             : fmt::format("of training.schedule '{}'", options.schedule.kind);
  return fmt::format(
      "the learning rate rises from {:.3g} to {:.3g}: training is to last longer than before, and the fall {} is "
      "spread over all of it",
      before, rate, by);
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
