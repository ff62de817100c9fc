#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "attention_watch.h"
#include "ending.h"
#include "finite.h"
#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/train/position.h"
#include "learning_rate.h"
#include "position_json.h"
#include "prepared_training.h"
#include "progress.h"
#include "ranks_together.h"
#include "samples.h"
#include "skipping.h"
#include "test_report.h"
#include "training_run.h"
#include "validator.h"

namespace heed {
namespace {

constexpr double kWorthSaving = 10;  // seconds of training since the last save

class Trainer : private PreparedTraining {
 public:
  using PreparedTraining::check_alike;
  using PreparedTraining::PreparedTraining;

  TrainingReport run() {
    started_ = Clock::now();
    if (how_.ranks != nullptr) how_.ranks->start_clock();
    start();
    TrainingReport report = train_epochs();
    report.epochs = extent().epochs;
    report.target_tokens_per_second = pace_.words_per_second();
    if (!report.stopped) judge_test(report);
    tell_bytes();
    log_.end(report.stopped ? "stopped" : "finished", optimizer_->updates, report.ended_by, updater_.bytes_sent());
    return report;
  }
  long updates() const { return optimizer_->updates; }

 private:
  TrainingReport train_epochs() try {
    try {
      while (!has_ended()) train_epoch();
      return report_of(position_now(), options_, options_.best_by, data_.target.vocabulary_size());
    } catch (const Stopped&) {  // all updates up to here are done: a validation begins anew
      TrainingReport report = report_of(position_now(), options_, options_.best_by, 0);
      report.stopped = true;
      report.ended_by = save_stopped();
      return report;
    }
  } catch (const RankLost& lost) {
    save_before_lost();
    throw with_saved_state(lost);
  }

  void tell_bytes() const {
    if (updater_.bytes_sent() == 0) return;
    constexpr double kKilobyte = 1000;
    events_.log(LogLevel::kInfo, fmt::format("{} processes, each of which sends {:.0f} KB an update",
                                             how_.ranks->size(), updater_.bytes_sent() / kKilobyte));
  }

  bool has_ended() const { return !ended_by(position_now(), options_, options_.best_by).empty(); }

  bool validation_is_due() const { return cadence_.validation_is_due(extent(), position_); }

  void train_epoch() {
    EpochBatches batches = batches_of_epoch();
    if (std::exchange(may_rise_, false)) warn(rate_that_rose(options_, position_, learning_rate()));
    pace_.begin_epoch();
    while (position_.batch < batches_) {
      if (validation_is_due()) {
        validate_within_epoch();
        if (has_ended()) return;
      }
      const UpdateResult result = update(batches);
      ++position_.batch;
      if (result.skipped.empty()) report_progress(result);
      if (stop_) throw Stopped();
      if (out_of_time() && position_.batch < batches_) return cut_epoch();
      if (!over_another() && cadence_.checkpoint_is_due(extent())) save(false);
    }
    finish_epoch();
  }

  /// Where it was written to. With sharded updates all ranks call it.
  std::filesystem::path save(bool best, bool validated = false) {
    updater_.gather_state();
    if (const std::string array = array_not_finite(*model_, updater_); !array.empty()) throw not_saved(array);
    const bool fresh = best || position_.validations.empty();
    // Moved away, or deleted by somebody: what is written instead is not that model.
    if (!leads()) return saved_elsewhere();
    if (!fresh && !is_bundle(config_.output)) forget_best(fmt::format("'{}' has no bundle any more", config_.output));
    const auto began = Clock::now();
    std::filesystem::path out =
        checkpoint_.save(*model_, updater_, position_now(), history_.text(), {.best = fresh, .validated = validated});
    save_took_ = since(began);
    saved_at_ = seconds();
    cadence_.saved(extent());
    updater_.forget_others_state();
    if (out == config_.output) log_.saved(optimizer_->updates, best);
    return out;
  }

  // By rank 0.
  std::filesystem::path saved_elsewhere() {
    saved_at_ = seconds();
    cadence_.saved(extent());
    return config_.output;
  }

  Error not_saved(const std::string& array) const {
    const bool goes_on = leads() && !over_another() && mark_not_finite(config_.output);
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

  // What a cache does not give any more costs no work, if this process has all that a state needs: training goes on
  // from here once it does.
  std::vector<Example> next_batch(EpochBatches& batches) try {
    return batches[position_.batch];
  } catch (const Error& error) {
    if (updater_.is_sharded() || !leads())  // the others do not know
      throw Error(error.kind(), fmt::format("{}; {}", error.what(), saved_state()), error.place());
    const std::filesystem::path saved = save_after(error);
    throw Error(error.kind(),
                fmt::format("{}; {} holds the state of update {}: {}", error.what(), saved.string(),
                            optimizer_->updates, way_on(saved)),
                error.place());
  }

  UpdateResult update(EpochBatches& batches) {
    const auto start = Clock::now();
    const std::vector<Example> batch = sampler_.sample(next_batch(batches), position_.epoch, position_.batch);
    UpdateResult result = finite_update(batch);
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
      return heed::judge(data_.validation, {config_, data_, model_, updater_, ensemble_, how_.ranks}, stop_).result;
    } catch (const RankLost&) {
      throw;
    } catch (const std::exception& error) {
      if (!saved && !updater_.is_sharded()) save_after(error);
      throw;
    }
  }

  // All updates up to here are done, but of a sharded one nobody has all. mpirun gives those that are left a second:
  // what takes long to save stays as it was saved last.
  void save_before_lost() {
    constexpr double kQuickly = 0.4;
    if (keeps_ || !leads() || updater_.is_sharded() || over_another()) return;
    if (save_took_ < kQuickly) save(false);
  }

  Error with_saved_state(const RankLost& lost) const {
    return {ErrorKind::kSystem, fmt::format("{} after update {}: {}", lost.what(), optimizer_->updates, saved_state())};
  }

  std::string saved_state() const {
    return over_another() ? "nothing is saved yet" : heed::saved_state(config_.output, how_.origin);
  }

  // Rank 0 alone knows what stands on the disk.
  bool from_leader(bool value) { return how_.ranks == nullptr ? value : how_.ranks->from_leader(value); }
  void take_position_of_leader() {
    if (how_.ranks == nullptr) return;
    position_ = position_from_text(how_.ranks->from_leader(to_json_text({position_, {}, {}}))).position;
  }

  ValidationResult validation() {
    validation_began_ = Clock::now();
    ValidationResult result = judge();
    result.epoch = position_.epoch + 1;
    result.update = optimizer_->updates;
    result.train_loss = position_.epoch_loss / static_cast<double>(std::max(1L, position_.epoch_tokens));
    result.learning_rate = learning_rate();
    result.seconds = seconds();
    result.best = from_leader(is_best(result, position_.validations, options_.best_by));
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
    if (!leads()) return {};
    const AveragedWeights averaged(updater_);
    return translate_samples(data_, samples_, config_, model_);
  }

  void load_best() {
    if (leads()) checkpoint_.load_best(*model_);
    if (how_.ranks != nullptr) share_weights(*how_.ranks, *model_);
    updater_.pack_weights();
  }

  void keep(const ValidationResult& result, bool back_to_best = false) {
    keeps_ = true;
    const std::vector<ValidationSample> samples = averaged_samples();
    history_.add(result, samples);
    position_.validations.push_back(result);
    log_.add(result);
    if (back_to_best && from_leader(leads() && is_bundle(config_.output))) load_best();
    save(result.best, true);
    take_position_of_leader();
    if (events_.validated) events_.validated(result);
    if (!config_.event_directory().empty()) updater_.gather_gradient();
    if (events_.inspected) {
      const AveragedWeights averaged(updater_);
      events_.inspected({result, samples, *model_, data_.source, data_.target, gradient()});
    }
    for (const std::string& said :
         {blind_choice(position_.validations, options_.best_by, sight_),
          attention_fault(position_.validations, config_.model.attention), cut_answers(result, config_.data)}) {
      warn(said);
    }
    keeps_ = false;
    pace_.validated(since(validation_began_));
  }

  // When all is done and saved: the weights are from here on those of the best model.
  void judge_test(TrainingReport& report) try {
    if (from_leader(leads() && is_test_judged(config_))) return;
    load_best();
    const TestResult result = heed::judge_test({config_, data_, model_, updater_, {}, how_.ranks}, report.best, stop_);
    if (!leads()) return;
    log_.tested(result);
    events_.log(LogLevel::kInfo, test_text(result));
  } catch (const Stopped&) {
    report.stopped = true;
    report.ended_by = fmt::format("stopped: {} is trained, and data.test is still to be judged; {}", config_.output,
                                  way_on(config_.output));
  } catch (const RankLost& lost) {  // the weights are not those of the state
    throw with_saved_state(lost);
  }

  Clock::time_point validation_began_;
  Pace pace_;
  bool has_gradient_ = false;  // of the last update
  bool judged_ = false;        // by this process
  bool keeps_ = false;         // what a validation said: until that is saved, memory holds no state to go on from
  double saved_at_ = 0;        // seconds
  double save_took_ = 0;       // likewise, the last one
};

}  // namespace

TrainingReport run_training(const Config& config, const TrainerOptions& how, EventLog& log) {
  const auto trainer = together(how.ranks, [&] { return std::make_unique<Trainer>(config, how, log); });
  trainer->check_alike();
  try {
    return trainer->run();
  } catch (const std::exception& error) {
    log.end("failed", trainer->updates(), error.what());
    throw;
  }
}

Rehearsal rehearse_training(const Config& config, const TrainerOptions& how, EventLog& log) {
  return PreparedTraining(config, how, log).rehearse();
}

}  // namespace heed
