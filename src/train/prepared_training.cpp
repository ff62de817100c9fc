#include "prepared_training.h"

#include "ending.h"
#include "fmt/format.h"
#include "freezing.h"
#include "heed/base/address_space.h"
#include "heed/base/error.h"
#include "heed/base/host_and_time.h"
#include "heed/base/processors.h"
#include "heed/data/pair_cache.h"
#include "heed/model/output.h"
#include "learning_rate.h"
#include "model_choice.h"
#include "objective.h"
#include "pretrained.h"
#include "ranks_together.h"
#include "rehearsing.h"
#include "resuming.h"
#include "samples.h"
#include "skipping.h"
#include "teachers.h"
#include "validator.h"

namespace heed {
namespace {

constexpr std::size_t kMebibytes = 64;  // the least that a training asks the system for, and each of its threads

const std::atomic<bool> kNever = false;

TrainingData load_data(const Config& config, const TrainerOptions& how) {
  const bool copies = output_kind(config.model).copies;
  const std::string bundle = vocabularies_of(config, how.mode);
  if (config.data.cache.empty()) return load_training_data(config.data, copies, bundle, how.events.log);
  const CacheRequest request{
      .options = config.data, .copies = copies, .bundle = bundle, .threads = config.training.threads};
  std::shared_ptr<const PairCache> cache;
  if (how.ranks != nullptr) leading(how.ranks, [&] { cache = PairCache::open(request, how.events.log); });  // makes it
  return load_cached_data(request, how.events.log, std::move(cache));
}

}  // namespace

PreparedTraining::PreparedTraining(const Config& config, const TrainerOptions& how, EventLog& log)
    : config_(config),
      options_(config_.training),
      how_(how),
      events_(how.events),
      stop_(how.ranks != nullptr  ? how.ranks->stop()
            : how.stop != nullptr ? *how.stop
                                  : kNever),
      log_(log),
      data_(load_data(config, how)),
      start_(how.mode == TrainingMode::kResume || options_.start_from.bundle.empty()
                 ? nullptr
                 : std::make_unique<WarmStart>(options_.start_from.bundle, data_)),
      model_(make_model(settle_model())),
      optimizer_(make_optimizer(options_.optimizer, model_->parameters())),
      pool_(options_.threads),
      precision_(find_precision(options_.precision)),
      teachers_(load_teachers(options_.distill.teacher, data_)),
      ensemble_(load_ensemble(options_.validation_ensemble, {config_, data_.source, data_.target, model_})),
      updater_(*model_, *optimizer_, pool_,
               {.precision = precision_,
                .parts = options_.accumulate,
                .average_decay = options_.average_decay,
                .teachers = models_of(teachers_),
                .risk = risk_term(config_, data_.target),
                .workers = options_.workers,
                .groups = options_.groups,
                .rounds_sums = find_precision(options_.wire) == Precision::kBfloat16,
                .sharded = options_.sharded.value_or(find_precision(options_.wire) == Precision::kFloat32),
                .ranks = how.ranks}),
      sampler_(data_, pool_, options_.seed),
      checkpoint_(config_, data_, how.mode),
      cadence_(options_) {
  warn(long_validation_pairs(data_));
  config_.data.max_output = chosen_limit(config_, data_, how.mode);
  position_.learning_rate = options_.learning_rate;
  sight_ = bleu_sight(data_.validation.references.front(), config_.data.target, options_.validation_tokenize);
  config_.training.best_by = choose_best_by(options_.best_by, sight_);
  if (how.mode == TrainingMode::kResume) resume();
  if (start_ && options_.start_from.optimizer) give_moments();
  start_.reset();
  position_.start_rate = options_.learning_rate;
  position_.clip_norm = options_.clip_norm;
  samples_ = choose_samples(data_, options_.validation_samples);
  if (leads()) checkpoint_.check_room(*model_, updater_);
  require_address_space(kMebibytes * (1 + static_cast<std::size_t>(options_.threads)) << 20, "training");
}

void PreparedTraining::check_alike() const {
  if (how_.ranks != nullptr) heed::check_alike(*how_.ranks, fingerprint_of(config_, data_), *model_);
}

void PreparedTraining::resume() {
  config_.training.best_by = run_config(config_.output).training.best_by;
  position_ = checkpoint_.load(*model_, updater_);
  optimizer_->updates = position_.updates;
  optimizer_->earlier_updates = position_.earlier_updates;
  take_changed_rate(options_, position_);
  if (const std::string fault = fault_of_bundle(config_.output); !fault.empty()) forget_best(fault);
  cadence_.saved(extent());
  may_rise_ = true;
  updater_.forget_others_state();
  updater_.pack_weights();
  history_.go_on(checkpoint_.history());
}

void PreparedTraining::give_moments() {
  position_.earlier_updates = start_->give_moments(*optimizer_, *model_, events_.log);
  updater_.forget_others_state();
  optimizer_->earlier_updates = position_.earlier_updates;
}

const ModelOptions& PreparedTraining::settle_model() {
  choose_model(config_, {data_.source.vocabulary_size(), data_.target.vocabulary_size(), data_.train_pairs()},
               events_.log);
  check_tied(config_.model, data_.source, data_.target);
  return config_.model;
}

std::shared_ptr<Seq2Seq> PreparedTraining::make_model(const ModelOptions& options) const {
  auto out = std::make_shared<Seq2Seq>(options, SourceTables(options, data_.source), data_.target.vocabulary_size(),
                                       static_cast<std::uint64_t>(options_.seed));
  if (how_.mode != TrainingMode::kResume) {
    take_vectors(*out, data_.source, data_.target, events_.log);
    if (start_) start_->give_weights(*out, events_.log);
  }
  freeze(*out, options_.freeze, events_.log);
  return out;
}

Rehearsal PreparedTraining::rehearse() {
  EpochBatches batches = batches_of_epoch();
  batches.open(0);
  warn(long_warmup(options_, batches.size()));
  const auto update = [&](const std::vector<int>& batch) {
    updater_.update(sampler_.sample(batches.examples().at(batch), position_.epoch, 0), update_options());
  };
  return heed::rehearse({config_, data_, model_, updater_, ensemble_, position_, batches, update});
}

void PreparedTraining::start() {
  events_.log(LogLevel::kInfo,
              fmt::format("{} parameters, {} (training.threads), {}{}", model_->parameter_count(),
                          share_of_processors(options_.threads), precision_text(precision_), clock_text(options_)));
  if (options_.schedule.warmup_updates > 0) warn(long_warmup(options_, batches_of_epoch().size()));
  if (how_.ranks != nullptr) {
    events_.log(LogLevel::kInfo,
                fmt::format("{} processes: {} workers (training.workers) in {} groups (training.groups)",
                            how_.ranks->size(), options_.workers, options_.groups));
  }
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

TrainingPosition PreparedTraining::position_now() const {
  TrainingPosition out = position_;
  out.seconds = seconds();
  out.updates = optimizer_->updates;
  return out;
}

TrainingExtent PreparedTraining::extent() const {
  const double of_epoch = batches_ > 0 ? position_.batch / static_cast<double>(batches_) : 0;
  return {position_.epoch + of_epoch, static_cast<double>(optimizer_->updates), position_.tokens, seconds() / 60};
}

double PreparedTraining::learning_rate() const {
  return heed::learning_rate(options_, position_, {extent(), batches_});
}

EpochBatches PreparedTraining::batches_of_epoch() {
  EpochBatches batches(data_, {options_.batch_sentences, options_.batch_tokens}, options_.seed, position_.epoch);
  if (position_.batch > batches.size()) {
    throw Error::at({.file = config_.output + "/training_state/position.json"},
                    fmt::format("damaged: batch {} of an epoch of {}", position_.batch, batches.size()),
                    ErrorKind::kModel);
  }
  batches_ = batches.size();
  return batches;
}

UpdateOptions PreparedTraining::update_options() const {
  const TrainingExtent now = extent();
  return {.learning_rate = learning_rate(),
          .clip_norm = options_.clip_norm,
          .label_smoothing = options_.label_smoothing.value_or(0),
          .seed = static_cast<std::uint64_t>(options_.seed),
          .coverage_loss = coverage_factor(options_, now),
          .sampling = sampling_probability(options_.scheduled_sampling, now),
          .distillation = options_.distill.weight,
          .guided_alignment = options_.guided_alignment,
          .clip_value = options_.clip_value,
          .skip = may_skip(options_, position_),
          .most_norm = spike_norm(options_, position_)};
}

void PreparedTraining::forget_best(const std::string& why) {
  if (heed::forget_best(position_.validations)) {
    warn(fmt::format("the best model so far is lost: {}; from here on the best is chosen anew", why));
  }
}

void PreparedTraining::warn(const std::string& text) const {
  if (!text.empty()) events_.log(LogLevel::kWarning, text);
}

}  // namespace heed
