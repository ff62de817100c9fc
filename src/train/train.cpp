// The way into a training: what `auto` means, whether it may begin or go on, and its lock.
#include <memory>
#include <optional>

#include "checkpoint.h"
#include "ending.h"
#include "event_log.h"
#include "fmt/format.h"
#include "heed/base/append.h"
#include "heed/base/atomic_file.h"
#include "heed/base/directory_lock.h"
#include "heed/base/held_signals.h"
#include "heed/base/processors.h"
#include "heed/data/tokenizer_choice.h"
#include "heed/model/bundle.h"
#include "heed/model/output.h"
#include "heed/model/schedule.h"
#include "heed/train/rehearsal.h"
#include "heed/train/trainer.h"
#include "ranks_together.h"
#include "resuming.h"
#include "test_report.h"
#include "training_run.h"

namespace heed {
namespace {

/// 0 where the output has none.
void settle_smoothing(Config& config) {
  constexpr double kUsual = 0.1;
  if (config.training.label_smoothing) return;
  config.training.label_smoothing = output_kind(config.model).sums_positions ? 0 : kUsual;
}

Config checked(Config config) {
  config.check();
  config.check_effect();
  settle_output(config.model);
  return config;
}

/// Other models that a training asks, looked for before its data are read.
void check_others(const Config& config) {
  const auto check = [&](const char* key, const std::vector<std::string>& directories) {
    for (const std::string& directory : directories) {
      if (is_bundle(directory)) continue;
      throw UsageError(fmt::format("{}: '{}' is no model: {}", key, directory, kBundleFiles),
                       {.file = directory, .key = key});
    }
  };
  check("training.distill.teacher", config.training.distill.teacher);
  check("training.validation_ensemble", config.training.validation_ensemble);
  for (const std::string& directory : config.training.validation_ensemble) {
    if (std::filesystem::weakly_canonical(directory) == std::filesystem::weakly_canonical(config.output))
      throw UsageError("training.validation_ensemble: '" + directory + "' is the output of this training",
                       {.file = directory, .key = "training.validation_ensemble"});
  }
}

/// A training that may begin, or go on, in a directory that is locked.
struct Entrance {
  /// `share`: threads for each of several processes that leave their number to the program.
  Entrance(const Config& given, const TrainerOptions& options, int share) : config(checked(given)), how(options) {
    if (how.ranks != nullptr && !how.ranks->leads()) how.events = {.started = how.events.started};
    config.data.settle_cache(config.output);
    auto held = std::make_unique<HeldSignals>();
    check_others(config);
    leading(how.ranks, [&] {
      lock.emplace(config.output);
      if (how.events.locked) how.events.locked(lock->made());
    });
    held.reset();
    TrainingOptions& training = config.training;
    const bool resume = how.mode == TrainingMode::kResume;
    if (training.threads == 0) training.threads = share > 0 ? share : choose_threads(config.output, resume);
    if (training.precision == kAuto) training.precision = name_of(choose_precision(config.output, resume));
    if (!how.events.log) how.events.log = [](LogLevel, std::string_view) {};
    std::optional<TrainingOptions> earlier;
    if (resume) {
      before = take_over(config);
      earlier = run_config(config.output).training;
    } else {
      leading(how.ranks, [&] { how.mode = check_output(config.output, how.mode); });
      if (training.start_from.optimizer) check_has_moments(training.start_from.bundle);  // before the data is read
      choose_tokenizers(config.data, config.cuts_alike(), how.events.log);
      Config chosen = given;  // other settings are what they were when they were checked
      chosen.data = config.data;
      chosen.check_effect();
    }
    settle_smoothing(config);
    config.training.schedule = settled_schedule(config.training);
    const int ranks = how.ranks != nullptr ? how.ranks->size() : 1;
    const std::string warning = settle_workers(training, earlier ? &*earlier : nullptr, ranks);
    if (!warning.empty()) how.events.log(LogLevel::kWarning, warning);
  }
  bool is_done() const { return before.was_finished && is_test_judged(config); }

  Config config;
  TrainerOptions how;
  TrainingReport before;  ///< of the run that goes on
  std::optional<DirectoryLock> lock;
};

/// Returns the threads of each.
int begin(Ranks& ranks, const Config& config, const TrainerOptions& how) {
  ranks.set_patience(std::chrono::seconds(config.training.patience));
  if (how.stop != nullptr) ranks.watch(*how.stop);
  check_alike(ranks, config, how.mode);
  return threads_of_each(ranks, usable_processors());
}

TrainingReport train_together(const Config& given, const TrainerOptions& options) {
  Ranks* const ranks = options.ranks;
  const int share = ranks != nullptr ? begin(*ranks, given, options) : 0;
  const auto entrance = together(ranks, [&] { return std::make_unique<Entrance>(given, options, share); });
  const Config& config = entrance->config;
  TrainerOptions& how = entrance->how;
  bool done = false;
  leading(ranks, [&] {
    done = entrance->is_done();
    if (done) return;
    check_directory_writable(config.output);  // said before the work
    check_appendable(std::filesystem::path(config.output) / kTrainingLog);
  });
  if (ranks != nullptr) {
    done = ranks->from_leader(done);
    if (ranks->from_leader(how.mode == TrainingMode::kNew)) how.mode = TrainingMode::kNew;
  }
  if (done) return entrance->before;
  const LogSink tell = how.events.log;
  EventLog log(config.output, how.mode == TrainingMode::kReplace, tell, ranks == nullptr || ranks->leads());
  how.events.log = [&](LogLevel level, std::string_view text) {
    tell(level, text);
    if (level == LogLevel::kWarning) log.warning(text);
  };
  return run_training(config, how, log);
}

}  // namespace

TrainingReport train(const Config& given, const TrainerOptions& options) try {
  return train_together(given, options);
} catch (const RankLost& lost) {  // while it was prepared
  const bool goes_on = options.mode == TrainingMode::kResume;
  throw Error(ErrorKind::kSystem,
              fmt::format("{} before the first update: {}", lost.what(),
                          goes_on ? saved_state(given.output, options.origin) : "nothing was changed"));
}

Rehearsal rehearse(const Config& given, const TrainerOptions& options) {
  const Entrance entrance(given, options, 0);
  if (entrance.before.was_finished) {
    Rehearsal out;
    out.finished = entrance.before.ended_by;
    return out;
  }
  check_directory_writable(entrance.config.output);
  EventLog log(entrance.config.output, false, entrance.how.events.log);  // which is never begun
  return rehearse_training(entrance.config, entrance.how, log);
}

}  // namespace heed
