#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <type_traits>

#include "cache_advice.h"
#include "command_line.h"
#include "commands.h"
#include "common_options.h"
#include "fmt/format.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/shell_text.h"
#include "heed/base/version.h"
#include "heed/model/file_names.h"
#include "heed/model/read_config.h"
#include "heed/train/rehearsal.h"
#include "heed/train/trainer.h"
#include "heed/view/visible_text.h"
#include "in_ranks.h"
#include "messages.h"
#include "output.h"
#include "picture.h"
#include "rehearsal_text.h"
#include "stop_signals.h"
#include "tensorboard_log.h"
#include "training_talk.h"

namespace heed::app {
namespace {

constexpr int kWrongUsage = 2;  // exit status

std::string visible(const std::string& text) { return visible_text(text, shows_unicode(STDERR_FILENO)); }

struct TrainCommand {
  std::string config;
  std::vector<std::string> set;
  std::string output;
  bool resume = false;
  bool replace = false;
  bool dry_run = false;
  bool quiet = false;
  int show = 0;

  void run() const {
    const Launch launch = launch_of_environment();
    if (launch.size > 1 && dry_run) {
      if (launch.rank > 0) throw EndedElsewhere(kWrongUsage);
      throw UsageError(fmt::format("--dry-run: {} started {} processes: one alone tells", launch.by, launch.size));
    }
    in_ranks([this](Ranks* ranks) { run_as(ranks); });
  }

  void run_as(Ranks* ranks) const {
    Config loaded = ranks == nullptr ? load() : ranks->together([&] { return load(); });
    const bool leads = ranks == nullptr || ranks->leads();
    loaded.output = without_slash(loaded.output).string();
    loaded.training.validation_samples = std::max(loaded.training.validation_samples, show);
    handle_stop_signals(leads);
    TrainingTalk talk(quiet || !leads, loaded.training.validate_every);
    TrainerOptions options;
    options.events.locked = remove_at_stop;
    options.events.log = [&](LogLevel level, std::string_view text) {
      level == LogLevel::kWarning ? talk.warning(std::string(text)) : talk.line(one_line(text));
    };
    options.mode = resume ? TrainingMode::kResume : replace ? TrainingMode::kReplace : TrainingMode::kNew;
    options.stop = &stop_requested();
    options.ranks = ranks;
    options.origin = {kVersion, command_line(), [&](const std::filesystem::path& run, const std::string& setting) {
                        return resume_command(run == loaded.output ? "" : run.string(), setting);
                      }};
    if (dry_run) return rehearse_only(loaded, options);
    train_with(loaded, options, talk);
  }

  void rehearse_only(const Config& loaded, const TrainerOptions& options) const {
    Output out("");
    out.write(to_text(or_advise(loaded, [&] { return rehearse(loaded, options); })));
    out.finish();
  }

  void train_with(const Config& loaded, TrainerOptions& options, TrainingTalk& talk) const {
    std::optional<TensorboardLog> log;
    const bool leads = options.ranks == nullptr || options.ranks->leads();
    if (const std::string directory = loaded.event_directory(); leads && !directory.empty()) {
      log.emplace(directory, loaded.to_yaml(), loaded.training.has_events_in_run(),
                  [&options](const std::string& text) { options.events.log(LogLevel::kWarning, text); });
    }
    options.events.started = [&](const TrainingStart& start) {
      save_at_stop();
      if (log) log->start(start);
    };
    options.events.progress = [&](const TrainingProgress& p) {
      talk.show(p);
      if (log) log->add(p);
    };
    options.events.inspected = [&](const ValidationView& view) {
      show_samples(view, talk);
      if (log) log->add(view);
    };
    options.events.validated = [&](const ValidationResult& v) { talk.line(talk.validation_text(v)); };
    const TrainingReport report = or_advise(loaded, [&] { return train(loaded, options); });
    if (report.stopped) throw Interrupted(report.ended_by);
    if (leads) talk.summary(report, loaded);
  }

  /// Of an assignment that is wrong the library knows only the text.
  Config load() const try {
    const auto log = [](LogLevel, std::string_view text) { tell(fmt::format("warning: {}\n", one_line(text))); };
    return read_config(config, set, {.resumes = resume, .output = output, .log = log});
  } catch (const UsageError& error) {
    const std::string_view what = error.what();
    const auto is_of = [&](const std::string& assignment) { return what.starts_with(assignment + ": "); };
    if (std::none_of(set.begin(), set.end(), is_of)) throw;
    throw UsageError(fmt::format("--set {}", what));
  }

  /// What stands at the output may rule the training out: the library says how, and here is said which flags help.
  template <typename Work>
  std::invoke_result_t<Work> or_advise(const Config& loaded, const Work& work) const try {
    return or_advise_cache(config, set, output, work);
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
    for (const char* flag : {"--replace", "--dry-run"}) std::erase(words, flag);
    if (std::find(words.begin(), words.end(), "--resume") == words.end()) words.emplace_back("--resume");
    if (!setting.empty()) words.insert(words.end(), {"--set", setting});
    return shell_text(words);
  }

  void show_samples(const ValidationView& view, TrainingTalk& talk) const {
    const std::size_t count = std::min(view.samples.size(), static_cast<std::size_t>(show));
    for (const ValidationSample& sample : view.samples.first(count)) {
      const Translation& translation = sample.translated.translations.front();
      talk.line(fmt::format("\nsource       {}\nreference    {}\ntranslation  {}\n{}",
                            visible(sample.translated.source), visible(sample.reference), visible(translation.text),
                            draw_for_messages(sample.translated)));
    }
  }
};

}  // namespace

void add_train(CLI::App& app) {
  CLI::App* command = app.add_subcommand("train", "train a model by a config file");
  auto options = std::make_shared<TrainCommand>();
  command->add_option("config", options->config, "YAML file; every key has a default but the data files")
      ->type_name("FILE")
      ->required();
  command->add_option("--set", options->set, "KEY=VALUE instead of what the file says; can be given several times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("-o,--output", options->output, "directory of the run, instead of the key 'output'")
      ->type_name("DIR")
      ->check(is_named());
  CLI::Option* shown =
      command->add_option("--show", options->show, "at each validation draw the attention of this many translations")
          ->type_name("N")
          ->check(in_range(0, 100));
  CLI::Option* resume =
      command->add_flag("--resume", options->resume, "continue from the training_state of the output directory");
  command
      ->add_flag("--replace", options->replace,
                 "replace an existing run, which is kept until the new model has been validated once")
      ->excludes(resume);
  CLI::Option* dry_run =
      command->add_flag("--dry-run", options->dry_run,
                        "train nothing: check all, and tell sizes, memory and time by a few updates for nothing");
  CLI::Option* quiet = command->add_flag("--quiet", options->quiet, "warnings and errors alone");
  shown->excludes(dry_run)->excludes(quiet);
  command->footer(
      "`heed list settings` shows every key of the file and of --set, with its default.\n\n"
      "  heed train my.yaml --set training.epochs=20 --output runs/long");
  command->callback([options] { options->run(); });
}

}  // namespace heed::app
