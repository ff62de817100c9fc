#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "answer.h"
#include "bindings.h"
#include "gil.h"
#include "heed/base/error.h"
#include "heed/base/held_signals.h"
#include "heed/base/version.h"
#include "heed/model/read_config.h"
#include "heed/train/trainer.h"

namespace heed::python {
namespace {

/// A training in a thread of its own, which Python's signals cannot disturb, while the thread that called waits for
/// Ctrl-C and runs the callbacks: where they expect to be run.
class TrainingThread {
 public:
  explicit TrainingThread(std::function<nb::object(const char* event, const nb::object& what)> emit)
      : emit_(std::move(emit)) {}

  /// Ends when the training has ended, also after Ctrl-C or what a callback raised, which is raised then.
  TrainingReport run(const Config& config, TrainerOptions options);

  /// Of the training's thread: has the other one build an event and hand it to Python.
  void tell(const char* event, const std::function<nb::object()>& make);
  /// For TrainerOptions::stop.
  const std::atomic<bool>& stop() const { return stop_; }

 private:
  void wait();
  template <typename Work>
  void guarded(const Work& work);

  std::function<nb::object(const char*, const nb::object&)> emit_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* task_ = nullptr;
  bool ended_ = false;
  std::exception_ptr raised_;  // of Python: the first
};

/// With the GIL: what Python raises stops the training.
template <typename Work>
void TrainingThread::guarded(const Work& work) {
  const AcquiredGil acquired;
  try {
    work();
  } catch (...) {
    if (!raised_) raised_ = std::current_exception();
    stop_ = true;
  }
}

void TrainingThread::tell(const char* event, const std::function<nb::object()>& make) {
  const std::function<void()> task = [&] {
    guarded([&] {
      if (raised_) return;  // after which nothing more is told
      if (!goes_on(emit_(event, make()))) stop_ = true;
    });
  };
  std::unique_lock lock(mutex_);
  task_ = &task;
  changed_.notify_all();
  changed_.wait(lock, [this] { return task_ == nullptr; });
}

void TrainingThread::wait() {
  constexpr std::chrono::milliseconds kBetweenLooks{50};
  while (true) {
    const std::function<void()>* task = nullptr;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kBetweenLooks, [this] { return task_ != nullptr || ended_; });
      if (task_ == nullptr && ended_) return;
      task = task_;
    }
    if (task != nullptr) {
      (*task)();
      const std::scoped_lock lock(mutex_);
      task_ = nullptr;
      changed_.notify_all();
    }
    guarded([] {
      if (PyErr_CheckSignals() != 0) nb::raise_python_error();
    });
  }
}

TrainingReport TrainingThread::run(const Config& config, TrainerOptions options) {
  options.stop = &stop_;
  TrainingReport report;
  std::exception_ptr failed;
  {
    const ReleasedGil released;
    std::optional<HeldSignals> held(std::in_place);  // the new thread inherits what is blocked
    std::thread thread([&] {
      try {
        report = heed::train(config, options);
      } catch (...) {
        failed = std::current_exception();
      }
      const std::scoped_lock lock(mutex_);
      ended_ = true;
      changed_.notify_all();
    });
    held.reset();
    wait();
    thread.join();
  }
  if (raised_) std::rethrow_exception(std::exchange(raised_, nullptr));
  if (failed) std::rethrow_exception(failed);
  return report;
}

nb::dict dict_of(const TrainingStart& start) {
  nb::dict out;
  out["resumed"] = start.resumed;
  out["epoch"] = start.epoch;
  out["update"] = start.update;
  out["parameters"] = start.parameters;
  out["precision"] = start.precision;
  out["replaces"] = start.replaces;
  return out;
}

nb::dict dict_of(const TrainingProgress& p) {
  nb::dict out;
  out["epoch"] = p.epoch;
  out["epochs"] = p.epochs;
  out["update"] = p.update;
  out["batch"] = p.batch;
  out["batches"] = p.batches;
  out["loss"] = p.loss;
  out["update_loss"] = p.update_loss;
  out["learning_rate"] = p.learning_rate;
  out["gradient_norm"] = p.gradient_norm;
  out["target_tokens_per_second"] = p.target_tokens_per_second;
  out["seconds"] = p.seconds;
  out["seconds_left"] = p.seconds_left;
  return out;
}

nb::dict dict_of(const ValidationResult& v) {
  nb::dict metrics, out;
  for (const auto& [name, value] : v.metrics) metrics[name.c_str()] = value;
  out["epoch"] = v.epoch;
  out["update"] = v.update;
  out["train_loss"] = v.train_loss;
  out["perplexity"] = v.perplexity;
  out["metrics"] = metrics;
  out["learning_rate"] = v.learning_rate;
  out["seconds"] = v.seconds;
  out["best"] = v.best;
  out["cut"] = v.cut;
  out["attention_entropy"] = v.attention_entropy;
  out["attention_maximum"] = v.attention_maximum;
  out["attention_movement"] = v.attention_movement;
  out["answers"] = v.answers;
  out["cut_answers"] = v.cut_answers;
  return out;
}

/// The result, and [(translation, reference)].
nb::dict dict_of(const ValidationView& view) {
  nb::dict out = dict_of(view.result);
  nb::list samples;
  for (const ValidationSample& sample : view.samples) {
    const nb::str reference(sample.reference.data(), sample.reference.size());
    samples.append(nb::make_tuple(answers_of(sample.translated)[0], reference));
  }
  out["samples"] = samples;
  return out;
}

nb::dict dict_of(const TrainingReport& report, const Config& config) {
  nb::dict out;
  nb::list validations;
  for (const ValidationResult& each : report.validations) validations.append(dict_of(each));
  out["output"] = config.output;
  out["validations"] = validations;
  out["best"] = report.validations.empty() ? nb::object(nb::none()) : nb::object(dict_of(report.best));
  out["best_by"] = report.best_by;
  out["ended_by"] = report.ended_by;
  out["stopped"] = report.stopped;
  out["was_finished"] = report.was_finished;
  out["epochs"] = report.epochs;
  out["updates"] = report.updates;
  out["seconds"] = report.seconds;
  out["skipped"] = report.skipped;
  out["target_tokens_per_second"] = report.target_tokens_per_second;
  out["doubt"] = report.doubt;
  return out;
}

/// What a call of heed.train() asks for.
struct Request {
  std::string config;  // path, or YAML
  bool is_path = true;
  std::vector<std::string> overrides;
  std::string output;
  bool resume = false;
  bool replace = false;
  std::vector<std::string> command;
  std::vector<std::string> wanted;  // events
};

Config config_of(const Request& request, const LogSink& log) {
  const ConfigReading how{.resumes = request.resume, .output = request.output, .log = log};
  Config out = request.is_path ? read_config(request.config, request.overrides, how)
                               : parse_config(request.config, "config", request.overrides, how);
  if (out.training.tensorboard != "false" && !out.training.tensorboard.empty())
    throw UsageError("training.tensorboard: `heed train` writes event files; here a callback gets what is in them",
                     {.key = "training.tensorboard"});
  return out;
}

std::string resume_call(const std::filesystem::path& run, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  const std::string overrides =
      setting.empty() ? ""
                      : fmt::format(", overrides={{'{}': {}}}", setting.substr(0, equals), setting.substr(equals + 1));
  return fmt::format("heed.train(..., output='{}'{}, resume=True)", run.string(), overrides);
}

TrainerEvents events_of(TrainingThread& thread, const std::vector<std::string>& wanted) {
  TrainerEvents out;
  for (const std::string& event : wanted) {
    if (event == "started") {
      out.started = [&thread](const TrainingStart& s) { thread.tell("started", [&] { return dict_of(s); }); };
    } else if (event == "progress") {
      out.progress = [&thread](const TrainingProgress& p) { thread.tell("progress", [&] { return dict_of(p); }); };
    } else if (event == "validated") {
      out.inspected = [&thread](const ValidationView& v) { thread.tell("validated", [&] { return dict_of(v); }); };
    }
  }
  out.log = [&thread](LogLevel level, std::string_view text) {
    thread.tell("log", [&] {
      const char* name = level == LogLevel::kWarning ? "warning" : "info";
      return nb::object(nb::make_tuple(name, nb::str(text.data(), text.size())));
    });
  };
  return out;
}

/// What stands at the output may rule the training out: here is said which arguments help.
[[noreturn]] void advise(const UsageError& error, const std::string& output, bool resume) {
  if (error.kind() != ErrorKind::kOutput || resume) throw error;
  const std::string& run = error.place().file;
  const std::string advice =
      run == output ? "resume=True goes on with it, replace=True trains a new one and keeps this one until the new one "
                      "has been validated once"
                    : fmt::format("go on with it ({}), or remove it", resume_call(run, ""));
  throw UsageError(fmt::format("{}: {}", error.what(), advice), error.place(), ErrorKind::kOutput);
}

nb::dict train(const nb::dict& given, const nb::callable& emit) {
  Request request;
  read(given["config"], "config", request.config);
  read(given["is_path"], "config", request.is_path);
  read(given["overrides"], "overrides", request.overrides);
  read(given["output"], "output", request.output);
  read(given["resume"], "resume", request.resume);
  read(given["replace"], "replace", request.replace);
  read(given["command"], "command", request.command);
  read(given["wanted"], "callbacks", request.wanted);
  const LogSink log = [&emit](LogLevel, std::string_view text) {
    called(emit, "log", nb::make_tuple("warning", nb::str(text.data(), text.size())));
  };
  const Config config = config_of(request, log);
  TrainingThread thread([&emit](const char* event, const nb::object& what) { return called(emit, event, what); });
  TrainerOptions options;
  options.mode = request.resume ? TrainingMode::kResume : request.replace ? TrainingMode::kReplace : TrainingMode::kNew;
  options.events = events_of(thread, request.wanted);
  options.origin = {kVersion, request.command, resume_call};
  try {
    return dict_of(thread.run(config, options), config);
  } catch (const UsageError& error) {
    advise(error, config.output, request.resume);
  }
}

}  // namespace

void bind_training(nb::module_& module) {
  module.def("train", train, nb::arg("request"), nb::arg("emit"),
             nb::sig("def train(request: dict[str, typing.Any], emit: collections.abc.Callable[[str, typing.Any], "
                     "typing.Any]) -> dict[str, typing.Any]"));
}

}  // namespace heed::python
