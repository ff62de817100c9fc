#include "ending.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/train/position.h"
#include "selection.h"

namespace heed {
namespace {

constexpr std::size_t kEnough = 3;  // validations, to say that none was better than the first

}  // namespace

int validations_without_better(const std::vector<ValidationResult>& validations, const std::string& best_by) {
  const ValidationResult* best = nullptr;
  int since = 0;
  for (const ValidationResult& validation : validations) {
    if (validation.cut) continue;
    ++since;
    if (best != nullptr && !is_better(validation, *best, best_by)) continue;
    best = &validation;
    since = 0;
  }
  return since;
}

std::string ended_by(const TrainingPosition& position, const TrainingOptions& options, const std::string& best_by) {
  if (position.epoch >= options.epochs) return fmt::format("training.epochs: all {} are done", options.epochs);
  // Killed between the last update and its validation, a training has still to be judged.
  const bool judged = !position.validations.empty() && position.validations.back().update == position.updates;
  if (judged && options.max_minutes > 0 && position.seconds >= options.max_minutes * 60) {
    return fmt::format("training.max_minutes: {:g} have passed", options.max_minutes);
  }
  const int since = validations_without_better(position.validations, best_by);
  if (options.early_stop > 0 && since >= options.early_stop) {
    return fmt::format("training.early_stop: {} validations brought nothing better", since);
  }
  return "";
}

std::string doubt_of(const std::vector<ValidationResult>& validations, int target_vocabulary) {
  if (validations.empty()) return "";
  const auto less = [](const ValidationResult& a, const ValidationResult& b) { return a.perplexity < b.perplexity; };
  const auto best = std::min_element(validations.begin(), validations.end(), less);
  if (best->perplexity > target_vocabulary) {
    return fmt::format(
        "the training came apart: its best perplexity, {:.4g}, is worse than guessing among the {} target tokens; a "
        "smaller training.learning_rate or training.clip_norm may help",
        best->perplexity, target_vocabulary);
  }
  if (validations.size() < kEnough || best != validations.begin()) return "";
  return fmt::format(
      "no validation had a better perplexity than the first of {}, {:.4g}: a smaller training.learning_rate, or more "
      "training data, may help",
      validations.size(), best->perplexity);
}

TrainingReport report_of(const TrainingPosition& position, const TrainingOptions& options, const std::string& best_by,
                         int target_vocabulary) {
  TrainingReport out;
  out.validations = position.validations;
  for (const ValidationResult& validation : position.validations) {
    if (validation.best) out.best = validation;
  }
  out.best_by = best_by;
  out.updates = position.updates;
  out.epochs = position.epoch;
  out.seconds = position.seconds;
  out.skipped = position.skipped;
  out.ended_by = ended_by(position, options, best_by);
  if (target_vocabulary > 0) out.doubt = doubt_of(position.validations, target_vocabulary);
  return out;
}

std::string way_on(const TrainingOrigin& origin, const std::filesystem::path& saved, const std::string& setting) {
  if (origin.resume_command) return fmt::format("go on with `{}`", origin.resume_command(saved, setting));
  return setting.empty() ? "resume it to go on" : fmt::format("resume it with {} to go on", setting);
}

std::string saved_state(const std::filesystem::path& run, const TrainingOrigin& origin) try {
  if (!has_position(run)) return "nothing is saved yet";
  return fmt::format("{} holds the state of update {}; {}", run.string(), read_position(run).updates,
                     way_on(origin, run, ""));
} catch (const std::exception& fault) {
  return fmt::format("what {} holds cannot be told: {}", run.string(), fault.what());
}

std::string stopped_text(const std::filesystem::path& output, const std::filesystem::path& saved, long updates,
                         const std::string& way_on) {
  const std::string why =
      saved == output ? ""
                      : fmt::format(" before the first validation, and {} is still the run that was to be replaced",
                                    output.string());
  return fmt::format("stopped{}: {} holds the state of update {}; {}", why, saved.string(), updates, way_on);
}

}  // namespace heed
