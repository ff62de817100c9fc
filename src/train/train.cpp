// The way into a training: what `auto` means, whether it may begin or go on, and its lock.
#include <memory>

#include "checkpoint.h"
#include "event_log.h"
#include "heed/base/atomic_file.h"
#include "heed/base/directory_lock.h"
#include "heed/base/held_signals.h"
#include "heed/model/output.h"
#include "heed/train/trainer.h"
#include "resuming.h"
#include "test_report.h"
#include "training_run.h"

namespace heed {

TrainingReport train(const Config& given, const TrainerOptions& options) {
  given.check();
  given.check_effect();
  Config config = given;
  settle_output(config.model);
  auto held = std::make_unique<HeldSignals>();
  const DirectoryLock lock(config.output);
  if (options.events.locked) options.events.locked(lock.made());
  held.reset();
  TrainerOptions how = options;
  const bool resume = how.mode == TrainingMode::kResume;
  if (config.training.threads == 0) config.training.threads = choose_threads(config.output, resume);
  if (config.training.precision == "auto") config.training.precision = name_of(choose_precision(config.output, resume));
  if (resume) {
    TrainingReport report = take_over(config);
    if (report.was_finished && is_test_judged(config)) return report;
  } else {
    how.mode = check_output(config.output, how.mode);
  }
  check_directory_writable(config.output);  // said before the work
  const LogSink tell = options.events.log ? options.events.log : [](LogLevel, std::string_view) {};
  EventLog log(config.output, how.mode == TrainingMode::kReplace, tell);
  how.events.log = [&](LogLevel level, std::string_view text) {
    tell(level, text);
    if (level == LogLevel::kWarning) log.warning(text);
  };
  return run_training(config, how, log);
}

}  // namespace heed
