#include "heed/train/updater.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "fmt/format.h"
#include "gradient_sum.h"
#include "heed/base/error.h"
#include "heed/kernels/optimizers.h"
#include "heed/ranks/ranks.h"
#include "risk.h"
#include "worker_shares.h"

namespace heed {
namespace {

constexpr std::int64_t kNumbersNear = 16384;

/// The workers of the rank that has most.
std::size_t of_most(const WorkerShares& shares) {
  int out = 0;
  for (int rank = 0; rank < shares.ranks; ++rank) out = std::max(out, shares.workers_of_rank(rank).size());
  return static_cast<std::size_t>(out);
}

// Empty: none. Throws NotFinite where it may not be skipped.
std::string reason_to_skip(const UpdateResult& result, const UpdateOptions& options, long number) {
  if (std::isfinite(result.loss) && std::isfinite(result.gradient_norm)) {
    if (!options.skip || result.gradient_norm <= options.most_norm) return "";
    return fmt::format("update {}: the norm of the gradient is {:.3g}, more than {:.3g}", number, result.gradient_norm,
                       options.most_norm);
  }
  std::string out = fmt::format("update {}: the loss is {} and the norm of its gradient {}", number, result.loss,
                                result.gradient_norm);
  if (options.skip) return out;
  throw NotFinite(fmt::format("{}: a smaller training.learning_rate or {} training.clip_norm keeps them finite", out,
                              options.clip_norm > 0 ? "a smaller" : "a"));
}

}  // namespace

// Sentences of a batch that are computed together.
class Updater::WorkerBatch {
 public:
  void clear() {
    for (auto* all : {&sources_, &targets_, &copies_, &links_, &features_}) all->clear();
  }
  bool empty() const { return sources_.empty(); }
  void add(const Example& example) {
    sources_.push_back(example.source);
    targets_.push_back(example.target);
    copies_.push_back(example.copies);
    links_.push_back(example.links);
    features_.push_back(example.features);
  }
  /// Fills `source` and `target`.
  void pack(const Seq2Seq& model) {
    pack_sources(ids(), model.encoder().input(), source);
    pack_targets(targets_, model.decoder().vocabulary(), source, target);
    const bool linked = std::any_of(links_.begin(), links_.end(), [](const auto& links) { return !links.empty(); });
    if (linked) pack_links(links_, source, model.encoder().tokens_per_state(), target);
  }
  SourceIds ids() const { return {sources_, copies_, features_}; }
  Sequences targets() const { return targets_; }
  SourceBatch source;
  TargetBatch target;

 private:
  std::vector<std::span<const int>> sources_;  // of the caller's batch
  std::vector<std::span<const int>> targets_;
  std::vector<std::span<const int>> copies_;
  std::vector<std::span<const int>> links_;
  std::vector<std::span<const int>> features_;
};

struct Updater::Worker {
  Arena arena;
  Tape training{arena, true};
  Tape inference{arena};
  std::vector<WorkerBatch> batches;  // one for each part of the batch
  double loss = 0;
  double risk = 0;
  std::vector<std::vector<int>> risk_targets;  // of the batch at hand
  SourceBatch risk_source;
  TargetBatch risk_target;

  void forget() {
    training.clear();
    inference.clear();
    arena.reset();
  }
};

Updater::Updater(Seq2Seq& model, Optimizer& optimizer, WorkerPool& pool, const UpdaterOptions& options)
    : model_(model), optimizer_(optimizer), pool_(pool), options_(options), gradients_(model.parameters()) {
  if (options.precision == Precision::kInt8) {
    throw UsageError("training in int8 is not possible; take bfloat16 or float32");
  }
  if (options.parts < 1) throw UsageError(fmt::format("{} parts of a batch; it must be at least 1", options.parts));
  const int ranks = options.ranks != nullptr ? options.ranks->size() : 1;
  const WorkerShares shares{options.workers > 0 ? options.workers : pool.size() * ranks, options.groups, ranks};
  if (shares.groups < ranks || shares.workers < shares.groups) {
    throw UsageError(fmt::format("{} workers in {} groups for {} ranks; each needs one at least", shares.workers,
                                 shares.groups, ranks));
  }
  shares_ = std::make_unique<const WorkerShares>(shares);
  if (shares.groups > 1)
    sum_ = std::make_unique<GradientSum>(model.parameters(), shares, pool,
                                         GradientSum::How{options.ranks, options.rounds_sums, options.sharded},
                                         gradients_);
  const int own = shares.workers_of_rank(options.ranks != nullptr ? options.ranks->rank() : 0).size();
  for (int i = 0; i < own; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    workers_.back()->batches.resize(static_cast<std::size_t>(options.parts));
    tapes_.push_back(&workers_.back()->training);
  }
  share_out_ranges();
  forget_others_state();
  pack_weights();
  if (!averages()) return;
  average_ = Buffer(1, model.parameters().total());
  for (const Parameter* parameter : model.parameters().all()) {
    std::copy_n(parameter->value.view().data, parameter->size(),
                average_.view().data + model.parameters().offset(parameter->index));
  }
}

Updater::~Updater() = default;

bool Updater::is_sharded() const { return sum_ != nullptr && sum_->sharded(); }

void Updater::share_out_ranges() {
  for (int i = 0; i < pool_.size(); ++i) {
    if (is_sharded()) {
      ranges_.push_back(share_of_ranges(sum_->own_ranges(), i, pool_.size()));
      others_ranges_.push_back(share_of_ranges(sum_->others_ranges(), i, pool_.size()));
    } else {
      ranges_.push_back(update_ranges(model_.parameters(), i, pool_.size()));
      others_ranges_.emplace_back();
    }
  }
}

UpdateResult Updater::update(std::span<const Example> batch, const UpdateOptions& options) {
  split_batch(batch);
  ++made_;
  UpdateResult result;
  for (const Example& example : batch) {
    result.source_tokens += static_cast<long>(example.source.size()) + 1;
    result.target_tokens += static_cast<long>(example.target.size()) + 1;
  }
  const double scale = 1.0 / static_cast<double>(result.target_tokens);
  // The first parts of each worker are filled first.
  const int filled = (static_cast<int>(batch.size()) + shares_->workers - 1) / shares_->workers;
  const auto number = static_cast<std::uint64_t>(optimizer_.updates);
  for (int part = 0; part < std::min(options_.parts, filled); ++part) {
    const auto compute = [&](int w) {
      Worker& worker = *workers_[static_cast<std::size_t>(w)];
      worker.forget();
      WorkerBatch& own = worker.batches[static_cast<std::size_t>(part)];
      if (own.empty()) return;
      Rng rng = Rng::stream(options.seed, number,
                            static_cast<std::uint64_t>(part) * static_cast<std::uint64_t>(shares_->workers) +
                                static_cast<std::uint64_t>(first_worker() + w));
      own.pack(model_);
      const double weight = options_.risk.weight;
      const LossOptions how{.label_smoothing = options.label_smoothing,
                            .scale = (1 - weight) * scale,
                            .rng = &rng,
                            .coverage_loss = options.coverage_loss,
                            .sampling = options.sampling,
                            .teachers = teach(worker, own.source, own.target),
                            .distillation = options.distillation,
                            .guided_alignment = options.guided_alignment};
      worker.loss += model_.teacher_force(worker.training, own.source, own.target, how).loss;
      if (weight > 0) add_risk(worker, own, weight / static_cast<double>(batch.size()), rng);
      worker.training.backward();
    };
    const auto compute_share = [&](int thread) {
      for (int w = thread; w < std::ssize(workers_); w += pool_.size()) compute(w);
    };
    pool_.run(std::ref(compute_share));  // a function that holds so much would ask for memory
    collect(part == 0 ? Accumulate::kNo : Accumulate::kYes);
  }
  const std::span<const double> losses = add_up();
  for (std::size_t w = 0; w < losses.size(); w += 2) {
    result.loss += losses[w];
    result.risk += losses[w + 1] / static_cast<double>(batch.size());
  }
  result.gradient_norm = gradients_.norm();
  result.skipped = reason_to_skip(result, options, optimizer_.updates + 1);
  if (!result.skipped.empty()) return result;
  apply({options.learning_rate, clip_scale(result.gradient_norm, options.clip_norm), options.clip_value});
  return result;
}

int Updater::first_worker() const {
  return shares_->workers_of_rank(options_.ranks != nullptr ? options_.ranks->rank() : 0).first;
}

void Updater::collect(Accumulate accumulate) {
  pool_.run([&](int thread) {
    if (sum_ == nullptr) return gradients_.collect(tapes_, thread, pool_.size(), accumulate);
    int group = shares_->groups_of_rank(options_.ranks != nullptr ? options_.ranks->rank() : 0).first;
    for (GradientStore* const store : sum_->own()) {
      const Share workers = shares_->workers_of_group(group++);
      const auto tapes = std::span(tapes_).subspan(static_cast<std::size_t>(workers.first - first_worker()),
                                                   static_cast<std::size_t>(workers.size()));
      store->collect(tapes, thread, pool_.size(), accumulate);
    }
  });
}

// The gradient of all groups. Returns loss and risk of all workers, in their order.
std::span<const double> Updater::add_up() {
  losses_.clear();
  for (const auto& worker : workers_) losses_.insert(losses_.end(), {worker->loss, worker->risk});
  if (options_.ranks == nullptr) {
    if (sum_ != nullptr) sum_->sum({});
    return losses_;
  }
  const std::size_t most = of_most(*shares_);
  losses_.resize(2 * most);
  const std::span<const double> all = sum_->sum(losses_);
  all_losses_.clear();
  for (int rank = 0; rank < shares_->ranks; ++rank) {
    const auto of_rank = all.subspan(static_cast<std::size_t>(rank) * 2 * most,
                                     static_cast<std::size_t>(shares_->workers_of_rank(rank).size()) * 2);
    all_losses_.insert(all_losses_.end(), of_rank.begin(), of_rank.end());
  }
  return all_losses_;
}

std::span<const TeacherOutput> Updater::teach(Worker& worker, const SourceBatch& source,
                                              const TargetBatch& target) const {
  const std::span<TeacherOutput> out = worker.arena.array<TeacherOutput>(options_.teachers.size());
  for (std::size_t t = 0; t < out.size(); ++t) {
    const Seq2Seq& teacher = *options_.teachers[t];
    const OutputLayer& layer = *teacher.output().plain_softmax();
    new (&out[t]) TeacherOutput{teacher.teach(worker.inference, source, target), layer.weight, layer.bias};
  }
  return out;
}

// The candidates' probabilities are those of translation, without dropout; their gradients have it.
void Updater::add_risk(Worker& worker, const WorkerBatch& own, double scale, Rng& rng) const {
  const RiskCandidates drawn = draw_candidates(model_, own.ids(), own.targets(), options_.risk, rng);
  worker.risk_targets = drawn.targets;
  pack_sources({.tokens = drawn.sources, .features = drawn.features}, model_.encoder().input(), worker.risk_source);
  pack_targets(views_of(worker.risk_targets), model_.decoder().vocabulary(), worker.risk_target);
  const TargetBatch& target = worker.risk_target;
  const TeacherForced forced = model_.teacher_force(worker.inference, worker.risk_source, target, {});
  std::vector<double> log_probability(drawn.size());
  std::size_t row = 0;
  for (const int rows : target.step_rows) {
    for (int r = 0; r < rows; ++r, ++row) {
      log_probability[static_cast<std::size_t>(target.order[r])] += static_cast<double>(forced.log_probability[row]);
    }
  }
  const RiskFactors risk = risk_factors(drawn, log_probability, options_.risk.sharpness);
  worker.risk += risk.risk;
  const std::span<const float> factors = worker.arena.copy(std::span<const float>(risk.factors));
  model_.teacher_force(worker.training, worker.risk_source, target,
                       {.scale = scale, .rng = &rng, .sentence_weights = factors});
}

UpdateResult Updater::evaluate(std::span<const Example> batch) {
  split_batch(batch);
  UpdateResult result;
  for (const Example& example : batch) result.target_tokens += static_cast<long>(example.target.size()) + 1;
  pool_.run([&](int thread) {
    for (int w = thread; w < std::ssize(workers_); w += pool_.size()) evaluate(*workers_[static_cast<std::size_t>(w)]);
  });
  losses_.clear();
  for (const auto& worker : workers_) losses_.push_back(worker->loss);
  if (options_.ranks == nullptr) {
    for (const double loss : losses_) result.loss += loss;
    return result;
  }
  const std::size_t most = of_most(*shares_);
  losses_.resize(most);
  const std::span<const double> all = options_.ranks->gather(losses_);
  for (int rank = 0; rank < shares_->ranks; ++rank) {
    for (int w = 0; w < shares_->workers_of_rank(rank).size(); ++w)
      result.loss += all[static_cast<std::size_t>(rank) * most + static_cast<std::size_t>(w)];
  }
  return result;
}

void Updater::evaluate(Worker& worker) {
  for (WorkerBatch& own : worker.batches) {
    worker.forget();
    if (own.empty()) continue;
    own.pack(model_);
    worker.loss += model_.teacher_force(worker.inference, own.source, own.target, {}).loss;
  }
}

void Updater::split_batch(std::span<const Example> batch) {
  // Longest first, there and back again over the workers and parts: each gets the same lengths.
  const auto length = [&](int i) { return batch[i].target.size() + batch[i].source.size(); };
  order_.resize(batch.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::sort(order_.begin(), order_.end(),
            [&](int a, int b) { return length(a) != length(b) ? length(a) > length(b) : a < b; });
  for (const auto& worker : workers_) {
    worker->loss = worker->risk = 0;
    for (WorkerBatch& own : worker->batches) own.clear();
  }
  const auto workers = static_cast<std::size_t>(shares_->workers);
  const auto first = static_cast<std::size_t>(first_worker());
  const std::size_t count = workers * static_cast<std::size_t>(options_.parts);
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const std::size_t place = i % (2 * count);
    const std::size_t to = place < count ? place : 2 * count - 1 - place;
    const std::size_t worker = to % workers;  // of all processes
    if (worker < first || worker >= first + workers_.size()) continue;
    workers_[worker - first]->batches[to / workers].add(batch[order_[i]]);
  }
}

void Updater::apply(const UpdateScales& scales) {
  optimizer_.begin_update();
  pool_.run([&](int w) {
    for (const UpdateRange& whole : ranges_[static_cast<std::size_t>(w)]) {
      // Of few enough numbers that the average finds the weights still near the processor.
      const std::int64_t most = averages() ? kNumbersNear : whole.count;
      for (std::int64_t done = 0; done < whole.count; done += most) {
        const UpdateRange range{whole.parameter, whole.first + done, std::min(most, whole.count - done)};
        optimizer_.apply(range, gradients_.flat(), scales);
        if (averages()) take_into_average(range);
      }
    }
  });
  if (is_sharded()) share_weights();
  pack_weights();
}

std::size_t Updater::arena_bytes() const {
  std::size_t total = 0;
  for (const auto& worker : workers_) total += worker->arena.capacity();
  return total;
}

}  // namespace heed
