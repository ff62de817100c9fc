#include "resuming.h"

#include "checkpoint.h"
#include "ending.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/processors.h"
#include "heed/base/settings.h"
#include "heed/data/output_limit.h"
#include "heed/model/file_names.h"

namespace heed {

namespace fs = std::filesystem;

int choose_threads(const fs::path& directory, bool resume) {
  const bool begun = resume && fs::exists(directory / kConfigFile);
  return begun ? run_config(directory).training.threads : usable_processors();
}

Precision choose_precision(const fs::path& directory, bool resume) {
  if (!resume || !fs::exists(directory / kConfigFile)) return fastest_training_precision();
  const std::string before = run_config(directory).training.precision;
  if (before != kAuto) return find_precision(before);
  // What `auto` meant when it was not yet recorded.
  return is_native(Precision::kBfloat16) ? Precision::kBfloat16 : Precision::kFloat32;
}

std::string chosen_limit(const Config& config, const TrainingData& data, TrainingMode mode) {
  std::string limit = config.data.max_output;
  if (limit == kAuto && mode == TrainingMode::kResume) limit = run_config(config.output).data.max_output;
  return limit == kAuto ? OutputLimit::fit(data.train_lengths()).text() : limit;
}

void check_same_run(const Config& config, const fs::path& directory) {
  const TrainingPosition position = read_position(directory);
  Config before = run_config(directory);
  // How long to train may change; everything that the weights depend on may not.
  before.training.epochs = config.training.epochs;
  before.training.max_minutes = config.training.max_minutes;
  before.training.early_stop = config.training.early_stop;
  if (position.start_rate > 0) {
    before.training.learning_rate = position.start_rate;
    before.training.clip_norm = position.clip_norm;
  }
  if (position.not_finite) {
    before.training.learning_rate = config.training.learning_rate;
    before.training.clip_norm = config.training.clip_norm;
  }
  // Left to the program it stays what the program chose.
  if (config.training.best_by == kAuto) before.training.best_by = kAuto;
  if (before.training.precision == kAuto) before.training.precision = name_of(choose_precision(directory, true));
  before.training.keep_last = config.training.keep_last;
  before.training.keep_best = config.training.keep_best;
  before.training.checkpoint_every = config.training.checkpoint_every;
  before.training.validation_samples = config.training.validation_samples;
  before.training.metrics = config.training.metrics;
  before.training.tensorboard = config.training.tensorboard;
  const TrainingOptions begun_with = before.training;
  before.training.threads = config.training.threads;  // who computes the workers' shares changes nothing
  if (before.training.workers == 0) before.training.workers = begun_with.threads;
  if (before.training.groups == 0) before.training.groups = 1;
  if (config.training.workers == 0) before.training.workers = 0;
  if (config.training.groups == 0) before.training.groups = 0;
  before.training.patience = config.training.patience;
  before.training.sharded = config.training.sharded;
  before.output = config.output;
  before.about = config.about;
  before.data.max_output = config.data.max_output;
  before.data.test = config.data.test;
  before.data.cache = config.data.cache;  // what is in it the checksums of the data tell
  Config now = config;
  const Settings old_settings = before.settings();
  const Settings new_settings = now.settings();
  for (const std::string& key : new_settings.keys()) {
    const std::string was = old_settings.value(key);
    const std::string is = new_settings.value(key);
    if (was == is) continue;
    throw UsageError(
        fmt::format("{0} was trained with '{1}: {2}', the config says '{1}: {3}': they must be the same; a "
                    "new training, with another output, can start from its weights (training.start_from)",
                    directory.string(), key, was, is),
        {.file = directory.string(), .key = key}, ErrorKind::kOutput);
  }
}

/// What is left to the program of a schedule.
void take_over(const ScheduleOptions& before, ScheduleOptions& now) {
  const ScheduleOptions usual;
  if (now.kind == kAuto) {
    now.kind = before.kind;
    if (now.decay == usual.decay) now.decay = before.decay;
    if (now.start == usual.start) now.start = before.start;
  }
  if (now.metric == kAuto) now.metric = before.metric;
}

TrainingReport take_over(Config& config) {
  const TrainingPosition position = read_position(config.output);
  const Config before = run_config(config.output);
  // Left to the program it stays what it was when the run began, before there was this key too.
  std::string& scale = config.model.attention.scale;
  if (scale == AttentionOptions{}.scale) scale = before.model.attention.scale;
  for (const auto& [side, was] :
       {std::pair{&config.data.source, &before.data.source}, {&config.data.target, &before.data.target}}) {
    if (!side->is_auto()) continue;
    side->tokenizer = was->tokenizer;
    if (side->vocabulary == TextOptions{}.vocabulary) side->vocabulary = was->vocabulary;
  }
  if (!config.training.label_smoothing) config.training.label_smoothing = before.training.label_smoothing;
  take_over(before.training.schedule, config.training.schedule);
  if (!config.model.input_feeding) config.model.input_feeding = before.model.input_feeding;
  if (config.model.attention.kind == kAuto) config.model.attention.kind = before.model.attention.kind;
  if (config.model.tied == kAuto) config.model.tied = before.model.tied;
  check_same_run(config, config.output);
  TrainingReport report = report_of(position, config.training, before.training.best_by, 0);
  report.was_finished = !report.ended_by.empty();
  if (const std::string fault = fault_of_bundle(config.output); report.was_finished && !fault.empty()) {
    throw Error(
        ErrorKind::kModel,
        fmt::format("there is nothing to train ({}), but the model is lost: {}; put it back, or go on with more "
                    "to do, and the best is chosen anew",
                    report.ended_by, fault),
        {.file = config.output});
  }
  return report;
}

}  // namespace heed
