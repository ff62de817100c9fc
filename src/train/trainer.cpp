#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "attention_watch.h"
#include "batch_sampler.h"
#include "cadence.h"
#include "checkpoint.h"
#include "ending.h"
#include "event_log.h"
#include "finite.h"
#include "fmt/format.h"
#include "freezing.h"
#include "heed/base/address_space.h"
#include "heed/base/error.h"
#include "heed/base/host_and_time.h"
#include "heed/base/processors.h"
#include "heed/data/batching.h"
#include "heed/data/training_data.h"
#include "heed/model/seq2seq.h"
#include "heed/train/updater.h"
#include "history_writer.h"
#include "objective.h"
#include "pretrained.h"
#include "progress.h"
#include "rehearsing.h"
#include "resuming.h"
#include "samples.h"
#include "schedule.h"
#include "selection.h"
#include "skipping.h"
#include "start_from.h"
#include "teachers.h"
#include "test_report.h"
#include "training_run.h"
#include "validator.h"

namespace heed {
namespace {

using Clock = std::chrono::steady_clock;

// Streams of random numbers for one purpose each; dropout has those of the Updater.
constexpr std::uint64_t kOrderStream = 0x0B47C4;

constexpr std::size_t kMebibytes = 64;  // the least that a training asks the system for, and each of its threads
constexpr double kWorthSaving = 10;     // seconds of training since the last save

const std::atomic<bool> kNever = false;

class Trainer {
 public:
  Trainer(const Config& config, const TrainerOptions& how, EventLog& log)
      : config_(config),
        options_(config_.training),
        how_(how),
        events_(how.events),
        stop_(how.stop != nullptr ? *how.stop : kNever),
        log_(log),
        data_(load_training_data(config.data, output_kind(config.model).copies, vocabularies_of(config, how.mode),
                                 events_.log)),
        model_(make_model(config)),
        optimizer_(make_optimizer(options_.optimizer, model_->parameters())),
        pool_(options_.threads),
        precision_(find_precision(options_.precision)),
        teachers_(load_teachers(options_.distill.teacher, data_)),
        updater_(*model_, *optimizer_, pool_,
                 {.precision = precision_,
                  .parts = options_.accumulate,
                  .average_decay = options_.average_decay,
                  .teachers = models_of(teachers_),
                  .risk = risk_term(config_, data_.target)}),
        sampler_(data_, pool_, options_.seed),
        checkpoint_(config_, data_, how.mode),
        cadence_(options_) {
    check_tied(config.model, data_.source, data_.target);
    warn(long_validation_pairs(data_));
    config_.data.max_output = chosen_limit(config_, data_, how.mode);
    position_.learning_rate = options_.learning_rate;
    sight_ = bleu_sight(data_.validation.references.front(), config_.data.target, options_.validation_tokenize);
    config_.training.best_by = choose_best_by(options_.best_by, sight_);
    if (how.mode == TrainingMode::kResume) {
      config_.training.best_by = run_config(config.output).training.best_by;
      position_ = checkpoint_.load(*model_, updater_);
      optimizer_->updates = position_.updates;
      take_changed_rate(options_, position_);
      if (const std::string fault = fault_of_bundle(config.output); !fault.empty()) forget_best(fault);
      cadence_.saved(extent());
      may_rise_ = true;
      updater_.pack_weights();
      history_.go_on(checkpoint_.history());
    }
    position_.start_rate = options_.learning_rate;
    position_.clip_norm = options_.clip_norm;
    samples_ = choose_samples(data_, options_.validation_samples);
    checkpoint_.check_room(*model_, updater_);
    require_address_space(kMebibytes * (1 + static_cast<std::size_t>(options_.threads)) << 20, "training");
  }

  TrainingReport run() {
    started_ = Clock::now();
    start();
    TrainingReport report;
    try {
      while (!has_ended()) train_epoch();
      report = report_of(position_now(), options_, options_.best_by, data_.target.vocabulary_size());
    } catch (const Stopped&) {  // all updates up to here are done: a validation begins anew
      report = report_of(position_now(), options_, options_.best_by, 0);
      report.stopped = true;
      report.ended_by = save_stopped();
    }
    report.epochs = extent().epochs;
    report.target_tokens_per_second = pace_.words_per_second();
    if (!report.stopped) judge_test(report);
    log_.end(report.stopped ? "stopped" : "finished", optimizer_->updates, report.ended_by);
    return report;
  }
  long updates() const { return optimizer_->updates; }

  Rehearsal rehearse() {
    const auto batches = batches_of_epoch();
    warn(long_warmup(options_, static_cast<int>(batches.size())));
    const auto update = [this](const std::vector<int>& batch) {
      updater_.update(sampler_.sample(data_.train.at(batch), position_.epoch, 0), update_options());
    };
    return heed::rehearse({config_, data_, model_, updater_, position_, batches, update});
  }

 private:
  std::shared_ptr<Seq2Seq> make_model(const Config& config) const {
    auto out = std::make_shared<Seq2Seq>(config.model, data_.source.vocabulary_size(), data_.target.vocabulary_size(),
                                         static_cast<std::uint64_t>(options_.seed));
    if (how_.mode != TrainingMode::kResume) {
      take_vectors(*out, data_.source, data_.target, events_.log);
      if (!options_.start_from.empty()) take_weights(*out, data_, options_.start_from, events_.log);
    }
    freeze(*out, options_.freeze, events_.log);
    return out;
  }

  void start() {
    events_.log(LogLevel::kInfo,
                fmt::format("{} parameters, {} (training.threads), {}{}", model_->parameter_count(),
                            share_of_processors(options_.threads), precision_text(precision_), clock_text(options_)));
    if (options_.schedule.warmup_updates > 0) warn(long_warmup(options_, static_cast<int>(batches_of_epoch().size())));
    events_.log(LogLevel::kInfo, schedule_text(options_) + "; " + optimizer_text(options_));
    events_.log(LogLevel::kInfo, judging_text(config_));
    const TrainingStart start{
        how_.mode == TrainingMode::kResume, position_.epoch,     optimizer_->updates,
        model_->parameter_count(),          name_of(precision_), how_.mode == TrainingMode::kReplace};
    const HistoryStart line{utc_now(), how_.origin, start, options_.threads};
    history_.add(line);
    if (events_.started) events_.started(start);  // who can not start leaves no run behind
    log_.start(line);
  }

  static double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }
  double seconds() const { return position_.seconds + since(started_); }
  bool out_of_time() const { return options_.max_minutes > 0 && seconds() >= options_.max_minutes * 60; }

  // The seconds of this process are added once, when the state is written.
  TrainingPosition position_now() const {
    TrainingPosition out = position_;
    out.seconds = seconds();
    out.updates = optimizer_->updates;
    return out;
  }

  TrainingExtent extent() const {
    const double of_epoch = batches_ > 0 ? position_.batch / static_cast<double>(batches_) : 0;
    return {position_.epoch + of_epoch, static_cast<double>(optimizer_->updates), position_.tokens, seconds() / 60};
  }
  bool has_ended() const { return !ended_by(position_now(), options_, options_.best_by).empty(); }

  bool validation_is_due() const { return cadence_.validation_is_due(extent(), position_); }
  // An earlier run still stands at the output.
  bool over_another() const { return how_.mode == TrainingMode::kReplace && position_.validations.empty(); }

  double learning_rate() const { return heed::learning_rate(options_, position_, {extent(), batches_}); }

  std::vector<std::vector<int>> batches_of_epoch() {
    Rng rng = Rng::stream(static_cast<std::uint64_t>(options_.seed), kOrderStream,
                          static_cast<std::uint64_t>(position_.epoch));
    auto batches = make_batches(data_.train, data_.pairs_of_epoch(options_.seed, position_.epoch),
                                {options_.batch_sentences, options_.batch_tokens}, rng);
    if (position_.batch > static_cast<int>(batches.size())) {
      throw Error::at({.file = config_.output + "/training_state/position.json"},
                      fmt::format("damaged: batch {} of an epoch of {}", position_.batch, batches.size()),
                      ErrorKind::kModel);
    }
    batches_ = static_cast<int>(batches.size());
    return batches;
  }

  void train_epoch() {
    const auto batches = batches_of_epoch();
    if (std::exchange(may_rise_, false)) warn(rate_that_rose(options_, position_, learning_rate()));
    pace_.begin_epoch();
    while (position_.batch < batches_) {
      if (validation_is_due()) {
        validate_within_epoch();
        if (has_ended()) return;
      }
      const UpdateResult result = update(batches[position_.batch]);
      ++position_.batch;
      if (result.skipped.empty()) report_progress(result);
      if (stop_) throw Stopped();
      if (out_of_time() && position_.batch < batches_) return cut_epoch();
      if (!over_another() && cadence_.checkpoint_is_due(extent())) save(false);
    }
    finish_epoch();
  }

  // Nothing may be called the best that is not there.
  void forget_best(const std::string& why) {
    if (heed::forget_best(position_.validations)) {
      warn(fmt::format("the best model so far is lost: {}; from here on the best is chosen anew", why));
    }
  }

  /// Where it was written to.
  std::filesystem::path save(bool best, bool validated = false) {
    if (const std::string array = array_not_finite(*model_, updater_); !array.empty()) throw not_saved(array);
    const bool fresh = best || position_.validations.empty();
    // Moved away, or deleted by somebody: what is written instead is not that model.
    if (!fresh && !is_bundle(config_.output)) forget_best(fmt::format("'{}' has no bundle any more", config_.output));
    std::filesystem::path out =
        validated ? checkpoint_.save_validated(*model_, updater_, position_now(), history_.text(), fresh)
                  : checkpoint_.save(*model_, updater_, position_now(), history_.text(), fresh);
    saved_at_ = seconds();
    cadence_.saved(extent());
    if (out == config_.output) log_.saved(optimizer_->updates, best);
    return out;
  }

  Error not_saved(const std::string& array) const {
    const bool goes_on = !over_another() && mark_not_finite(config_.output);
    const std::string smaller = fmt::format("training.learning_rate={:.3g}", position_.learning_rate / 10);
    return {ErrorKind::kNumeric,
            fmt::format(
                "after update {} '{}' holds numbers that are not finite, and nothing is saved: {}", optimizer_->updates,
                array,
                goes_on ? fmt::format("{} holds the state before: {}", config_.output, way_on(config_.output, smaller))
                        : "a smaller training.learning_rate keeps them finite"),
            {.file = config_.output, .key = "training.learning_rate"}};
  }

  // Where that fails as well, both are told.
  std::filesystem::path save_after(const std::exception& fault) try { return save(false); } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{}; and then: {}", fault.what(), error.what()), error.place());
  }

  std::string way_on(const std::filesystem::path& saved, const std::string& setting = "") const {
    return heed::way_on(how_.origin, saved, setting);
  }

  // Says where.
  std::string save_stopped() {
    const std::filesystem::path saved = save(false);
    return stopped_text(config_.output, saved, optimizer_->updates, way_on(saved));
  }

  UpdateResult update(const std::vector<int>& indices) {
    const auto start = Clock::now();
    const std::vector<Example> batch = sampler_.sample(data_.train.at(indices), position_.epoch, position_.batch);
    const UpdateResult result = finite_update(batch);
    has_gradient_ = result.skipped.empty();
    pace_.updated(since(start), has_gradient_ ? result.target_tokens : 0);
    if (has_gradient_) {
      count_applied(position_, result.gradient_norm);
      count_loss(position_, result);
    } else {
      count_skipped(position_);
      warn(fmt::format("{}: skipped ({} in a row; training.max_skipped: {})", result.skipped, position_.skipped_in_row,
                       options_.max_skipped));
    }
    return result;
  }

  UpdateOptions update_options() const {
    const TrainingExtent now = extent();
    return {.learning_rate = learning_rate(),
            .clip_norm = options_.clip_norm,
            .label_smoothing = options_.label_smoothing,
            .seed = static_cast<std::uint64_t>(options_.seed),
            .coverage_loss = coverage_factor(options_, now),
            .sampling = sampling_probability(options_.scheduled_sampling, now),
            .distillation = options_.distill.weight,
            .guided_alignment = options_.guided_alignment,
            .clip_value = options_.clip_value,
            .skip = may_skip(options_, position_),
            .most_norm = spike_norm(options_, position_)};
  }

  // Training can go on, otherwise, from where the numbers were still finite.
  UpdateResult finite_update(std::span<const Example> batch) try {
    return updater_.update(batch, update_options());
  } catch (const NotFinite& error) {
    position_.not_finite = true;
    const std::filesystem::path saved = save_after(error);
    const std::string smaller = fmt::format("training.learning_rate={:.3g}", position_.learning_rate / 10);
    throw Error(ErrorKind::kNumeric,
                fmt::format("{}; {} holds the state of update {}: {}", error.what(), saved.string(),
                            optimizer_->updates, way_on(saved, smaller)),
                {.file = saved.string(), .key = "training.learning_rate"});
  }

  void report_progress(const UpdateResult& result) {
    const DoneUpdate done{result, learning_rate(), batches_, optimizer_->updates, extent()};
    const TrainingProgress out = progress_of(options_, position_, done, pace_);
    remember(out, position_, history_);
    log_.add(out);
    if (events_.progress) events_.progress(out);
  }

  // The state at the end of the epoch is saved before the first validation, and before each that more than a few
  // seconds of training hang on: what validation may die of, memory say, costs no work.
  ValidationResult judge() {
    const bool saved = !over_another() && (!judged_ || seconds() - saved_at_ > kWorthSaving);
    judged_ = true;
    if (saved) save(false);
    try {
      const AveragedWeights averaged(updater_);
      return heed::judge(data_.validation, {config_, data_, model_, updater_}, stop_).result;
    } catch (const std::exception& error) {
      if (!saved) save_after(error);
      throw;
    }
  }

  ValidationResult validation() {
    validation_began_ = Clock::now();
    ValidationResult result = judge();
    result.epoch = position_.epoch + 1;
    result.update = optimizer_->updates;
    result.train_loss = position_.epoch_loss / static_cast<double>(std::max(1L, position_.epoch_tokens));
    result.learning_rate = learning_rate();
    result.seconds = seconds();
    result.best = is_best(result, position_.validations, options_.best_by);
    return result;
  }

  void finish_epoch() {
    // The end of a training is always judged, and so is what the clock cuts here.
    const bool last = position_.epoch + 1 >= options_.epochs || out_of_time();
    const bool due = validation_is_due();
    std::optional<ValidationResult> result;
    if (last || due) result = validation();
    begin_next_epoch(position_);
    if (due) return keep_and_go_on(*result);
    if (!last) return;
    result->cut = true;  // a training that was longer from the start would not have it
    keep(*result);
  }

  void validate_within_epoch() { keep_and_go_on(validation()); }

  void keep_and_go_on(const ValidationResult& result) {
    cadence_.validated(extent(), position_);
    const double before = position_.learning_rate;
    position_ = decay_on_plateau(options_, std::move(position_), result);
    keep(result, options_.schedule.back_to_best && !result.best && position_.learning_rate < before);
  }

  // Within an epoch, when the time is used up: the model is judged, and may be the best, but the state is that of a
  // training that goes on, so that it ends where one with more time would have.
  void cut_epoch() {
    ValidationResult result = validation();
    result.cut = true;
    keep(result);
  }

  std::span<const float> gradient() const {
    const Tensor& all = updater_.gradient();
    return {all.data, has_gradient_ ? static_cast<std::size_t>(all.size()) : 0};
  }

  std::vector<ValidationSample> averaged_samples() {
    const AveragedWeights averaged(updater_);
    return translate_samples(data_, samples_, config_, model_);
  }

  void load_best() {
    checkpoint_.load_best(*model_);
    updater_.pack_weights();
  }

  void keep(const ValidationResult& result, bool back_to_best = false) {
    const std::vector<ValidationSample> samples = averaged_samples();
    history_.add(result, samples);
    position_.validations.push_back(result);
    log_.add(result);
    if (back_to_best && is_bundle(config_.output)) load_best();
    save(result.best, true);
    if (events_.validated) events_.validated(result);
    if (events_.inspected) {
      const AveragedWeights averaged(updater_);
      events_.inspected({result, samples, *model_, data_.source, data_.target, gradient()});
    }
    for (const std::string& said :
         {blind_choice(position_.validations, options_.best_by, sight_),
          attention_fault(position_.validations, config_.model.attention), cut_answers(result, config_.data)}) {
      warn(said);
    }
    pace_.validated(since(validation_began_));
  }

  // When all is done and saved: the weights are from here on those of the best model.
  void judge_test(TrainingReport& report) try {
    if (is_test_judged(config_)) return;
    load_best();
    const TestResult result = heed::judge_test({config_, data_, model_, updater_}, report.best, stop_);
    log_.tested(result);
    events_.log(LogLevel::kInfo, test_text(result));
  } catch (const Stopped&) {
    report.stopped = true;
    report.ended_by = fmt::format("stopped: {} is trained, and data.test is still to be judged; {}", config_.output,
                                  way_on(config_.output));
  }

  void warn(const std::string& text) const {
    if (!text.empty()) events_.log(LogLevel::kWarning, text);
  }

  Config config_;  // with what `auto` was found to be
  const TrainingOptions& options_;
  const TrainerOptions& how_;
  const TrainerEvents& events_;
  const std::atomic<bool>& stop_;
  EventLog& log_;
  TrainingData data_;
  BleuSight sight_;
  std::shared_ptr<Seq2Seq> model_;
  std::unique_ptr<Optimizer> optimizer_;
  WorkerPool pool_;
  Precision precision_;
  std::vector<Bundle> teachers_;
  Updater updater_;
  BatchSampler sampler_;
  Checkpoint checkpoint_;
  HistoryWriter history_;
  std::vector<std::size_t> samples_;  // places in the validation text
  TrainingPosition position_;
  int batches_ = 0;  // of an epoch
  Clock::time_point started_ = Clock::now();
  Clock::time_point validation_began_;
  Pace pace_;
  Cadence cadence_;
  bool has_gradient_ = false;  // of the last update
  bool judged_ = false;        // by this process
  bool may_rise_ = false;      // the learning rate
  double saved_at_ = 0;        // seconds
};

}  // namespace

TrainingReport run_training(const Config& config, const TrainerOptions& how, EventLog& log) {
  Trainer trainer(config, how, log);
  try {
    return trainer.run();
  } catch (const std::exception& error) {
    log.end("failed", trainer.updates(), error.what());
    throw;
  }
}

Rehearsal rehearse_training(const Config& config, const TrainerOptions& how, EventLog& log) {
  return Trainer(config, how, log).rehearse();
}

}  // namespace heed
