#include "heed/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

#include "checkpoint.h"
#include "fmt/format.h"
#include "heed/base/atomic_file.h"
#include "heed/base/directory_lock.h"
#include "heed/base/error.h"
#include "heed/train/training_data.h"
#include "heed/train/updater.h"
#include "history_writer.h"
#include "samples.h"
#include "selection.h"
#include "validator.h"

namespace heed {
namespace {

using Clock = std::chrono::steady_clock;

// Streams of random numbers for one purpose each; dropout has those of the Updater.
constexpr std::uint64_t kOrderStream = 0x0B47C4;

constexpr int kPointsPerEpoch = 20;  // of the history

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::string out(32, '\0');
  out.resize(std::strftime(out.data(), out.size(), "%Y-%m-%dT%H:%M:%SZ", &parts));
  return out;
}

class Trainer {
 public:
  Trainer(const Config& config, TrainingMode mode, const TrainerEvents& events, const std::atomic<bool>& stop,
          const TrainingOrigin& origin)
      : config_(config),
        options_(config_.training),
        events_(events),
        stop_(stop),
        data_(mode == TrainingMode::kResume ? load_training_data(config, config.output, events.log)
                                            : load_training_data(config, events.log)),
        model_(std::make_shared<Seq2Seq>(config.model, data_.source.vocabulary_size(), data_.target.vocabulary_size(),
                                         static_cast<std::uint64_t>(options_.seed))),
        optimizer_(make_optimizer(options_.optimizer, model_->parameters())),
        pool_(options_.threads),
        precision_(options_.precision == "auto" ? fastest_training_precision() : find_precision(options_.precision)),
        updater_(*model_, *optimizer_, pool_, {precision_, options_.accumulate}),
        checkpoint_(config_, data_, mode) {
    position_.learning_rate = options_.learning_rate;
    sight_ = bleu_sight(data_.references, config_.data.target);
    config_.training.best_by = choose_best_by(options_.best_by, sight_);
    const bool resume = mode == TrainingMode::kResume;
    if (resume) {
      config_.training.best_by = run_config(config.output).training.best_by;
      position_ = checkpoint_.load(*model_, *optimizer_);
      updater_.pack_weights();
      history_.go_on(checkpoint_.history());
    }
    samples_ = choose_samples(data_, options_.validation_samples);
    checkpoint_.check_room(*model_, *optimizer_);
    events_.log(LogLevel::kInfo, fmt::format("{} parameters, {} threads, {}", model_->parameter_count(),
                                             options_.threads, precision_text()));
    const TrainingStart start{resume,
                              position_.epoch,
                              optimizer_->updates,
                              model_->parameter_count(),
                              name_of(precision_),
                              mode == TrainingMode::kReplace};
    history_.add({utc_now(), origin, start, options_.threads});
    if (events_.started) events_.started(start);
  }

  TrainingReport run() {
    started_ = Clock::now();
    position_.finished = false;
    while (position_.epoch < options_.epochs && !position_.finished) train_epoch();
    TrainingReport report{position_.validations, {}};
    for (const ValidationResult& validation : position_.validations) {
      if (validation.best) report.best = validation;
    }
    return report;
  }

 private:
  std::string precision_text() const {
    const std::string name = name_of(precision_);
    if (options_.precision == "auto") {
      return fmt::format("{} (auto: this processor has {}bfloat16)", name,
                         is_native(Precision::kBfloat16) ? "" : "no ");
    }
    return is_native(precision_) ? name : name + " (no faster than float32: this processor has no instructions for it)";
  }
  double seconds() const { return position_.seconds + std::chrono::duration<double>(Clock::now() - started_).count(); }
  bool out_of_time() const { return options_.max_minutes > 0 && seconds() >= options_.max_minutes * 60; }

  // The seconds of this process are added once, when the state is written.
  TrainingPosition position_now() const {
    TrainingPosition out = position_;
    out.seconds = seconds();
    return out;
  }

  double learning_rate() const {
    const double after = options_.decay_after_minutes * 60;
    if (after <= 0 || seconds() <= after) return position_.learning_rate;
    const double share = std::min(1.0, (seconds() - after) / (options_.max_minutes * 60 - after));
    return position_.learning_rate * (1 - share * (1 - options_.final_rate));
  }

  void train_epoch() {
    Rng rng = Rng::stream(static_cast<std::uint64_t>(options_.seed), kOrderStream,
                          static_cast<std::uint64_t>(position_.epoch));
    const auto batches = make_batches(data_.train, {options_.batch_sentences, options_.batch_tokens}, rng);
    if (position_.batch > static_cast<int>(batches.size())) {
      throw Error(fmt::format("{}/training_state/position.json: damaged: batch {} of an epoch of {}", config_.output,
                              position_.batch, batches.size()));
    }
    const auto epoch_start = Clock::now();
    const int first_batch = position_.batch;
    const long tokens_before = position_.epoch_tokens;
    while (position_.batch < static_cast<int>(batches.size()) && !out_of_time()) {
      const UpdateResult result = update(batches[position_.batch]);
      ++position_.batch;
      const double elapsed = std::chrono::duration<double>(Clock::now() - epoch_start).count();
      report_progress(result, static_cast<int>(batches.size()),
                      static_cast<double>(position_.epoch_tokens - tokens_before) / elapsed,
                      elapsed / (position_.batch - first_batch));
      if (stop_) save_and_stop();
    }
    position_.finished = out_of_time();
    try {
      finish_epoch();
    } catch (const ValidationStopped&) {
      save_and_stop();  // all batches are done: going on begins with the validation
    }
  }

  [[noreturn]] void save_and_stop() {
    const std::filesystem::path saved = checkpoint_.save(*model_, *optimizer_, position_now(), history_.text(), false);
    if (saved == config_.output) {
      throw Interrupted(fmt::format("stopped after update {}; {} is complete, go on with --resume", optimizer_->updates,
                                    config_.output));
    }
    throw Interrupted(
        fmt::format("stopped after update {}, before the first validation: {} is still the run that was to be "
                    "replaced, go on with --output {} --resume",
                    optimizer_->updates, config_.output, saved.string()));
  }

  UpdateResult update(const std::vector<int>& indices) {
    std::vector<const Example*> batch;
    batch.reserve(indices.size());
    for (const int i : indices) batch.push_back(&data_.train[i]);
    const UpdateResult result =
        updater_.update(batch, {learning_rate(), options_.clip_norm, options_.label_smoothing,
                                static_cast<std::uint64_t>(options_.seed), options_.coverage_loss});
    position_.epoch_loss += result.loss;
    position_.epoch_tokens += result.target_tokens;
    position_.window_loss += result.loss;
    position_.window_tokens += result.target_tokens;
    return result;
  }

  void report_progress(const UpdateResult& result, int batches, double speed, double seconds_per_batch) {
    TrainingProgress out;
    out.epoch = position_.epoch + 1;
    out.epochs = options_.epochs;
    out.update = optimizer_->updates;
    out.batch = position_.batch;
    out.batches = batches;
    out.loss = position_.epoch_loss / static_cast<double>(position_.epoch_tokens);
    out.update_loss = result.loss / static_cast<double>(result.target_tokens);
    out.learning_rate = learning_rate();
    out.gradient_norm = result.gradient_norm;
    out.target_tokens_per_second = speed;
    out.seconds = seconds();
    const double left = (options_.epochs - position_.epoch) * static_cast<double>(batches) - position_.batch;
    out.seconds_left = left * seconds_per_batch;
    if (options_.max_minutes > 0)
      out.seconds_left = std::min(out.seconds_left, options_.max_minutes * 60 - out.seconds);
    remember(out);
    if (events_.progress) events_.progress(out);
  }

  // A point of the history, at so many places of each epoch and at its end.
  void remember(const TrainingProgress& now) {
    const int every = (now.batches + kPointsPerEpoch - 1) / kPointsPerEpoch;
    if (now.batch % every != 0 && now.batch < now.batches) return;
    history_.add({position_.epoch + static_cast<double>(now.batch) / now.batches, now.update,
                  position_.window_loss / static_cast<double>(position_.window_tokens), now.learning_rate,
                  now.gradient_norm, now.target_tokens_per_second, now.seconds});
    position_.window_loss = 0;
    position_.window_tokens = 0;
  }

  void finish_epoch() {
    ValidationResult result = validate(data_, config_, model_, updater_, stop_);
    result.epoch = position_.epoch + 1;
    result.update = optimizer_->updates;
    result.train_loss =
        position_.epoch_tokens > 0 ? position_.epoch_loss / static_cast<double>(position_.epoch_tokens) : 0;
    result.learning_rate = learning_rate();
    result.seconds = seconds();
    result.best = is_best(result);
    const std::vector<ValidationSample> samples = translate_samples(data_, samples_, config_, model_);
    history_.add(result, samples);
    ++position_.epoch;
    position_.batch = 0;
    position_.epoch_loss = 0;
    position_.epoch_tokens = 0;
    decay_on_plateau(result.perplexity);
    position_.validations.push_back(result);
    if (const std::string said = blind_choice(position_.validations, options_.best_by, sight_); !said.empty()) {
      events_.log(LogLevel::kWarning, said);
    }
    position_.bad_value = result.best ? 0 : position_.bad_value + 1;
    if (options_.early_stop > 0 && position_.bad_value >= options_.early_stop) position_.finished = true;
    checkpoint_.save(*model_, *optimizer_, position_now(), history_.text(), result.best);
    if (events_.validated) events_.validated(result);
    if (events_.inspected) events_.inspected({result, samples, *model_, data_.source, data_.target});
  }

  bool is_best(const ValidationResult& result) const {
    const ValidationResult* best = nullptr;
    for (const ValidationResult& earlier : position_.validations) {
      if (earlier.best) best = &earlier;
    }
    return best == nullptr || is_better(result, *best, options_.best_by);
  }

  void decay_on_plateau(double perplexity) {
    if (position_.best_perplexity == 0 || perplexity < position_.best_perplexity) {
      position_.best_perplexity = perplexity;
      position_.bad_perplexity = 0;
    } else if (++position_.bad_perplexity > options_.decay_patience) {
      position_.learning_rate *= options_.decay;
      position_.bad_perplexity = 0;
    }
  }

  Config config_;  // with what `auto` was found to be
  const TrainingOptions& options_;
  const TrainerEvents& events_;
  const std::atomic<bool>& stop_;
  TrainingData data_;
  BleuSight sight_;
  std::shared_ptr<Seq2Seq> model_;
  std::unique_ptr<Optimizer> optimizer_;
  WorkerPool pool_;
  Precision precision_;
  Updater updater_;
  Checkpoint checkpoint_;
  HistoryWriter history_;
  std::vector<std::size_t> samples_;  // places in the validation text
  TrainingPosition position_;
  Clock::time_point started_;
};

}  // namespace

TrainingReport train(const Config& config, TrainingMode mode, const TrainerEvents& events,
                     const std::atomic<bool>& stop, const TrainingOrigin& origin) {
  config.check();
  config.check_effect();
  const DirectoryLock lock(config.output);
  if (events.locked) events.locked(lock.file());
  if (mode == TrainingMode::kResume) {
    check_same_run(config, config.output);
  } else {
    check_output(config.output, mode);
  }
  { const AtomicDirectory tried(config.output); }  // that it can not be written is said before the work
  TrainerEvents heard = events;
  if (!heard.log) heard.log = [](LogLevel, std::string_view) {};
  return Trainer(config, mode, heard, stop, origin).run();
}

}  // namespace heed
