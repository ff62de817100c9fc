#include "heed/train/updater.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/tensor/kernels/elementwise.h"

namespace heed {

struct Updater::Worker {
  explicit Worker(const ParameterList& parameters)
      : gradients(parameters), training(arena, &gradients), inference(arena) {}

  Arena arena;
  GradientStore gradients;
  Tape training;
  Tape inference;
  std::vector<std::vector<int>> sources;
  std::vector<std::vector<int>> targets;
  double loss = 0;
  double squares = 0;  // of its share of the summed gradient

  void start_batch() {
    training.clear();
    inference.clear();
    arena.reset();
    loss = 0;
  }
};

Updater::Updater(Seq2Seq& model, Optimizer& optimizer, WorkerPool& pool, Precision precision)
    : model_(model), optimizer_(optimizer), pool_(pool), precision_(precision) {
  for (int i = 0; i < pool.size(); ++i) workers_.push_back(std::make_unique<Worker>(model.parameters()));
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
  pool_.run([&](int w) {
    Worker& worker = *workers_[w];
    worker.start_batch();
    worker.gradients.start_batch();
    if (worker.sources.empty()) return worker.gradients.finish();
    Rng rng = Rng::stream(options.seed, number, static_cast<std::uint64_t>(w));
    const SourceBatch source = pack_sources(worker.sources, model_.encoder().vocabulary());
    const TargetBatch target = pack_targets(worker.targets, model_.decoder().vocabulary());
    worker.loss = model_.force(worker.training, source, target, {options.label_smoothing, scale, &rng}).loss;
    worker.training.backward();
  });
  for (const auto& worker : workers_) result.loss += worker->loss;
  result.gradient_norm = sum_gradients();
  if (!std::isfinite(result.loss) || !std::isfinite(result.gradient_norm)) {
    throw Error(
        fmt::format("update {}: the loss is {} and the norm of its gradient {}: a smaller training.learning_rate "
                    "or training.clip_norm keeps them finite",
                    optimizer_.updates + 1, result.loss, result.gradient_norm));
  }
  const bool clip = options.clip_norm > 0 && result.gradient_norm > options.clip_norm;
  apply(options.learning_rate, clip ? options.clip_norm / result.gradient_norm : 1.0);
  return result;
}

UpdateResult Updater::evaluate(std::span<const Example* const> batch) {
  share_out(batch);
  UpdateResult result;
  for (const Example* example : batch) result.target_tokens += static_cast<long>(example->target.size()) + 1;
  pool_.run([&](int w) {
    Worker& worker = *workers_[w];
    worker.start_batch();
    if (worker.sources.empty()) return;
    const SourceBatch source = pack_sources(worker.sources, model_.encoder().vocabulary());
    const TargetBatch target = pack_targets(worker.targets, model_.decoder().vocabulary());
    worker.loss = model_.force(worker.inference, source, target, {}).loss;
  });
  for (const auto& worker : workers_) result.loss += worker->loss;
  return result;
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
  }
  const std::size_t count = workers_.size();
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t place = i % (2 * count);
    Worker& worker = *workers_[place < count ? place : 2 * count - 1 - place];
    worker.sources.push_back(batch[order[i]]->source);
    worker.targets.push_back(batch[order[i]]->target);
  }
}

double Updater::sum_gradients() {
  const Tensor total = workers_.front()->gradients.flat();
  const std::int64_t count = total.size();
  pool_.run([&](int w) {
    const std::int64_t first = count * w / pool_.size() / 16 * 16;
    const std::int64_t last = w + 1 == pool_.size() ? count : count * (w + 1) / pool_.size() / 16 * 16;
    // In blocks that stay in the cache between the sum and its norm.
    constexpr std::int64_t kBlock = 8192;
    double squares = 0;
    for (std::int64_t at = first; at < last; at += kBlock) {
      const std::int64_t block = std::min(kBlock, last - at);
      for (std::size_t other = 1; other < workers_.size(); ++other) {
        add_scaled(workers_[other]->gradients.flat().data + at, 1.0F, total.data + at, block);
      }
      squares += sum_of_squares(total.data + at, block);
    }
    workers_[w]->squares = squares;
  });
  double squares = 0;
  for (const auto& worker : workers_) {
    squares += worker->squares;
    if (worker != workers_.front()) workers_.front()->gradients.touch_rows_of(worker->gradients);
  }
  return std::sqrt(squares);
}

void Updater::apply(double learning_rate, double scale) {
  const Tensor gradient = workers_.front()->gradients.flat();
  optimizer_.begin_update();
  pool_.run([&](int w) {
    for (const UpdateRange& range : update_share(model_.parameters(), w, pool_.size())) {
      optimizer_.apply(range, gradient, learning_rate, scale);
    }
  });
  pack_weights();
}

void Updater::pack_weights() {
  pool_.run([&](int w) { model_.parameters().pack(precision_, true, w, pool_.size()); });
}

std::size_t Updater::arena_bytes() const {
  std::size_t total = 0;
  for (const auto& worker : workers_) total += worker->arena.capacity();
  return total;
}

}  // namespace heed
