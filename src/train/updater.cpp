#include "heed/train/updater.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/tensor/work_clock.h"

namespace heed {

struct Updater::Worker {
  Arena arena;
  Tape training{arena, true};
  Tape inference{arena};
  std::vector<std::vector<int>> sources;
  std::vector<std::vector<int>> targets;
  std::vector<std::vector<int>> copies;  // none, or of each source
  double loss = 0;

  TargetBatch pack_targets(const Seq2Seq& model, const SourceBatch& source) const {
    const int vocabulary = model.decoder().vocabulary();
    return copies.empty() ? heed::pack_targets(targets, vocabulary) : heed::pack_targets(targets, vocabulary, source);
  }

  void start_batch() {
    training.clear();
    inference.clear();
    arena.reset();
    loss = 0;
  }
};

Updater::Updater(Seq2Seq& model, Optimizer& optimizer, WorkerPool& pool, Precision precision)
    : model_(model), optimizer_(optimizer), pool_(pool), precision_(precision), gradients_(model.parameters()) {
  if (precision == Precision::kInt8) throw UsageError("training in int8 is not possible; take bfloat16 or float32");
  for (int i = 0; i < pool.size(); ++i) {
    workers_.push_back(std::make_unique<Worker>());
    tapes_.push_back(&workers_.back()->training);
  }
  pack_weights();
}

Updater::~Updater() = default;

UpdateResult Updater::update(std::span<const Example* const> batch, const UpdateOptions& options) {
  share_out(batch);
  UpdateResult result;
  for (const Example* example : batch) {
    result.source_tokens += static_cast<long>(example->source.size()) + 1;
    result.target_tokens += static_cast<long>(example->target.size()) + 1;
  }
  const double scale = 1.0 / static_cast<double>(result.target_tokens);
  const auto number = static_cast<std::uint64_t>(optimizer_.updates);
  run([&](int w) {
    Worker& worker = *workers_[w];
    worker.start_batch();
    if (worker.sources.empty()) return;
    Rng rng = Rng::stream(options.seed, number, static_cast<std::uint64_t>(w));
    const SourceBatch source = pack_sources(worker.sources, model_.encoder().vocabulary(), worker.copies);
    const TargetBatch target = worker.pack_targets(model_, source);
    const ForcingOptions how{options.label_smoothing, scale, &rng, false, options.coverage_loss};
    worker.loss = model_.force(worker.training, source, target, how).loss;
    worker.training.backward();
  });
  for (const auto& worker : workers_) result.loss += worker->loss;
  run([&](int w) { gradients_.collect(tapes_, w, pool_.size()); });
  result.gradient_norm = gradients_.norm();
  if (!std::isfinite(result.loss) || !std::isfinite(result.gradient_norm)) {
    throw Error(fmt::format(
        "update {}: the loss is {} and the norm of its gradient {}: a smaller training.learning_rate "
        "or {} training.clip_norm keeps them finite",
        optimizer_.updates + 1, result.loss, result.gradient_norm, options.clip_norm > 0 ? "a smaller" : "a"));
  }
  const bool clip = options.clip_norm > 0 && result.gradient_norm > options.clip_norm;
  apply(options.learning_rate, clip ? options.clip_norm / result.gradient_norm : 1.0);
  return result;
}

UpdateResult Updater::evaluate(std::span<const Example* const> batch) {
  share_out(batch);
  UpdateResult result;
  for (const Example* example : batch) result.target_tokens += static_cast<long>(example->target.size()) + 1;
  run([&](int w) {
    Worker& worker = *workers_[w];
    worker.start_batch();
    if (worker.sources.empty()) return;
    const SourceBatch source = pack_sources(worker.sources, model_.encoder().vocabulary(), worker.copies);
    const TargetBatch target = worker.pack_targets(model_, source);
    worker.loss = model_.force(worker.inference, source, target, {}).loss;
  });
  for (const auto& worker : workers_) result.loss += worker->loss;
  return result;
}

UpdateResult Updater::update_measured(std::span<const Example* const> batch, const UpdateOptions& options,
                                      std::array<double, 4>& seconds) {
  struct Measuring {
    std::array<double, 4>*& to;
    ~Measuring() { to = nullptr; }
  } const measuring{measured_};
  measured_ = &seconds;
  return update(batch, options);
}

void Updater::run(const std::function<void(int worker)>& work) {
  if (measured_ == nullptr) return pool_.run(work);
  std::mutex mutex;
  pool_.run([&](int worker) {
    WorkClock clock;
    work(worker);
    clock.turn_to(Work::kOverhead);
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < measured_->size(); ++i) (*measured_)[i] += clock.seconds(static_cast<Work>(i));
  });
}

void Updater::share_out(std::span<const Example* const> batch) {
  // Longest first, there and back again over the workers: each gets the same lengths.
  std::vector<int> order(batch.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return batch[a]->target.size() + batch[a]->source.size() > batch[b]->target.size() + batch[b]->source.size();
  });
  for (const auto& worker : workers_) {
    worker->sources.clear();
    worker->targets.clear();
    worker->copies.clear();
  }
  const std::size_t count = workers_.size();
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t place = i % (2 * count);
    Worker& worker = *workers_[place < count ? place : 2 * count - 1 - place];
    worker.sources.push_back(batch[order[i]]->source);
    worker.targets.push_back(batch[order[i]]->target);
    if (model_.copy_gate() != nullptr) worker.copies.push_back(batch[order[i]]->copies);
  }
}

void Updater::apply(double learning_rate, double scale) {
  const Tensor& gradient = gradients_.flat();
  optimizer_.begin_update();
  run([&](int w) {
    for (const UpdateRange& range : update_share(model_.parameters(), w, pool_.size())) {
      optimizer_.apply(range, gradient, learning_rate, scale);
    }
  });
  pack_weights();
}

void Updater::pack_weights() {
  run([&](int w) { model_.parameters().pack(precision_, true, w, pool_.size()); });
}

std::size_t Updater::arena_bytes() const {
  std::size_t total = 0;
  for (const auto& worker : workers_) total += worker->arena.capacity();
  return total;
}

}  // namespace heed
