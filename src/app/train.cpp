#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "command_line.h"
#include "commands.h"
#include "common_options.h"
#include "figures.h"
#include "fmt/format.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/shell_text.h"
#include "heed/base/version.h"
#include "heed/train/trainer.h"
#include "heed/view/visible_text.h"
#include "messages.h"
#include "output.h"
#include "picture.h"
#include "stop_signals.h"
#include "tensorboard_log.h"

namespace heed::app {
namespace {

std::string clock_time(double seconds) {
  const auto total = std::lround(seconds);
  if (total >= 3600) return fmt::format("{}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60);
  return fmt::format("{}:{:02}", total / 60, total % 60);
}

/// One line that is written over on a terminal; a line now and then elsewhere.
class ProgressLine {
 public:
  explicit ProgressLine(bool terminal) : terminal_(terminal) {}

  void show(const TrainingProgress& p) {
    const double interval = terminal_ ? 0.2 : 10;
    if (p.seconds - shown_at_ < interval && p.batch < p.batches) return;
    shown_at_ = p.seconds;
    const std::string text =
        fmt::format("epoch {}/{}  batch {}/{}  loss {:.3f}  {:.0f} words/s  lr {:.2g}  {} passed  {} left", p.epoch,
                    p.epochs, p.batch, p.batches, p.loss, p.target_tokens_per_second, p.learning_rate,
                    clock_time(p.seconds), clock_time(p.seconds_left));
    if (terminal_) {
      // Its width is asked for each time: windows are made wider and narrower. The last column stays free.
      tell("\r\x1b[2K" + fitted(text, terminal_width(STDERR_FILENO) - 1));
      open_ = true;
    } else {
      tell(text + "\n");
    }
  }

  void line(const std::string& text) {
    tell((open_ ? "\r\x1b[2K" : "") + text + "\n");
    open_ = false;
  }

 private:
  bool terminal_;
  bool open_ = false;
  double shown_at_ = -1e9;
};

std::string visible(const std::string& text) { return visible_text(text, shows_unicode(STDERR_FILENO)); }

std::string validation_text(const ValidationResult& v) {
  std::string out = fmt::format("epoch {}{}  loss {:.3f}  validation {}", v.epoch, v.cut ? " (at the end)" : "",
                                v.train_loss, figures_text(v.perplexity, v.metrics, "  "));
  if (v.attention_maximum > 0) {
    // Small ones are the worrying ones.
    out += fmt::format("  attention {:.{}f} of {:.1f} bits", v.attention_entropy, v.attention_entropy < 1 ? 2 : 1,
                       v.attention_maximum);
  }
  return out + fmt::format("  {}{}", clock_time(v.seconds), v.best ? "  (best so far, kept)" : "");
}

std::string ending_text(const TrainingReport& report, const std::string& output) {
  const ValidationResult& best = report.best;
  const std::string model = fmt::format("{} holds the model of epoch {}, the best by {}: {}", output, best.epoch,
                                        report.best_by, figures_text(best.perplexity, best.metrics));
  if (report.was_finished) {
    return fmt::format("nothing to do: {}, and {}; a larger one goes on", report.ended_by, model);
  }
  return report.doubt.empty() ? "done: " + model : fmt::format("warning: {}, but {}", model, report.doubt);
}

struct TrainCommand {
  std::string config;
  std::vector<std::string> set;
  std::string output;
  bool resume = false;
  bool replace = false;
  int show = 0;

  void run() const {
    Config loaded = load();
    if (!output.empty()) loaded.output = output;
    loaded.output = without_slash(loaded.output).string();
    loaded.training.validation_samples = std::max(loaded.training.validation_samples, show);
    handle_stop_signals();
    ProgressLine progress(isatty(STDERR_FILENO) != 0);
    TrainerOptions options;
    std::optional<TensorboardLog> log;
    if (const std::string directory = loaded.event_directory(); !directory.empty()) {
      log.emplace(directory, loaded.to_yaml(), loaded.training.tensorboard == "true",
                  [&options](const std::string& text) { options.events.log(LogLevel::kWarning, text); });
    }
    options.events.locked = remove_at_stop;
    options.events.started = [&](const TrainingStart& start) {
      save_at_stop();
      if (log) log->start(start);
    };
    options.events.progress = [&](const TrainingProgress& p) {
      progress.show(p);
      if (log) log->add(p);
    };
    options.events.inspected = [&](const ValidationView& view) {
      show_samples(view, progress);
      if (log) log->add(view);
    };
    options.events.validated = [&](const ValidationResult& v) { progress.line(validation_text(v)); };
    options.events.log = [&](LogLevel level, std::string_view text) {
      progress.line((level == LogLevel::kWarning ? "warning: " : "") + one_line(text));
    };
    options.mode = resume ? TrainingMode::kResume : replace ? TrainingMode::kReplace : TrainingMode::kNew;
    options.stop = &stop_requested();
    options.origin = {kVersion, command_line(), [&](const std::filesystem::path& run, const std::string& setting) {
                        return resume_command(run == loaded.output ? "" : run.string(), setting);
                      }};
    const TrainingReport report = train_or_advise(loaded, options);
    if (report.stopped) throw Interrupted(report.ended_by);
    progress.line(ending_text(report, loaded.output));
  }

  /// Of an assignment that is wrong the library knows only the text.
  Config load() const try { return Config::load(config, set); } catch (const UsageError& error) {
    const std::string_view what = error.what();
    const auto is_of = [&](const std::string& assignment) { return what.starts_with(assignment + ": "); };
    if (std::none_of(set.begin(), set.end(), is_of)) throw;
    throw UsageError(fmt::format("--set {}", what));
  }

  /// What stands at the output may rule the training out: the library says how, and here is said which flags help.
  TrainingReport train_or_advise(const Config& loaded, const TrainerOptions& options) const try {
    return train(loaded, options);
  } catch (const UsageError& error) {
    if (error.kind() != ErrorKind::kOutput) throw;
    if (resume) throw UsageError(fmt::format("--resume: {}", error.what()));
    throw UsageError(fmt::format("{}: {}", error.what(), advice(error.place().file, loaded.output)));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kOutput) throw;
    throw Error(fmt::format("--resume: {}", error.what()));
  }

  static std::string advice(const std::string& run, const std::string& output) {
    if (run != output) return fmt::format("go on with it ({}), or remove it", resume_command(run));
    const bool has_state = std::filesystem::exists(std::filesystem::path(run) / kTrainingState);
    return fmt::format("{}--replace trains a new one, and keeps this one until the new one has been validated once",
                       has_state ? "--resume goes on with it, " : "");
  }

  /// Of this run, or of another one.
  static std::string resume_command(const std::string& other, const std::string& setting = "") {
    std::vector<std::string> words = other.empty() ? command_line() : std::vector<std::string>{"--output", other};
    std::erase(words, "--replace");
    if (std::find(words.begin(), words.end(), "--resume") == words.end()) words.emplace_back("--resume");
    if (!setting.empty()) words.insert(words.end(), {"--set", setting});
    return shell_text(words);
  }

  void show_samples(const ValidationView& view, ProgressLine& progress) const {
    const std::size_t count = std::min(view.samples.size(), static_cast<std::size_t>(show));
    for (const ValidationSample& sample : view.samples.first(count)) {
      const Translation& translation = sample.translated.translations.front();
      progress.line(fmt::format("\nsource       {}\nreference    {}\ntranslation  {}\n{}",
                                visible(sample.translated.source), visible(sample.reference), visible(translation.text),
                                draw_for_messages(sample.translated)));
    }
  }
};

}  // namespace

void add_train(CLI::App& app) {
  CLI::App* command = app.add_subcommand("train", "train a model by a config file");
  auto options = std::make_shared<TrainCommand>();
  command->add_option("config", options->config, "YAML file; every key has a default but the data files")->required();
  command->add_option("--set", options->set, "KEY=VALUE instead of what the file says; can be given several times")
      ->allow_extra_args(false);
  command->add_option("-o,--output", options->output, "directory of the run, instead of the key 'output'")
      ->check(is_named());
  command->add_option("--show", options->show, "at each validation draw the attention of this many translations")
      ->type_name("N")
      ->check(CLI::Range(0, 100));
  CLI::Option* resume =
      command->add_flag("--resume", options->resume, "continue from the training_state of the output directory");
  command
      ->add_flag("--replace", options->replace,
                 "replace an existing run, which is kept until the new model has been validated once")
      ->excludes(resume);
  command->footer(
      "`heed list settings` shows every key of the file and of --set, with its default.\n\n"
      "  heed train my.yaml --set training.epochs=20 --output runs/long");
  command->callback([options] { options->run(); });
}

}  // namespace heed::app
