#include "schedule.h"

#include <algorithm>

#include "fmt/format.h"

namespace heed {
namespace {

// Of the way from `after` to `end`.
double share_behind(double after, double now, double end) {
  return after <= 0 || now <= after ? 0 : std::min(1.0, (now - after) / (end - after));
}

}  // namespace

double learning_rate(const TrainingOptions& options, const TrainingPosition& position, int batches, double seconds) {
  const double epochs = position.epoch + (batches > 0 ? position.batch / static_cast<double>(batches) : 0);
  const double share = std::max(share_behind(options.decay_after_epochs, epochs, options.epochs),
                                share_behind(options.decay_after_minutes, seconds / 60, options.max_minutes));
  return position.learning_rate * (1 - share * (1 - options.final_rate));
}

TrainingPosition decay_on_plateau(const TrainingOptions& options, TrainingPosition position, double perplexity) {
  if (position.best_perplexity == 0 || perplexity < position.best_perplexity) {
    position.best_perplexity = perplexity;
    position.bad_perplexity = 0;
  } else if (++position.bad_perplexity > options.decay_patience) {
    const double lowest = std::min(position.learning_rate, options.minimum_rate);
    position.learning_rate = std::max(position.learning_rate * options.decay, lowest);
    position.bad_perplexity = 0;
  }
  return position;
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
