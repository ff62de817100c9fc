#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "heed/autograd/gradient_store.h"
#include "heed/base/error.h"
#include "heed/base/export.h"
#include "heed/data/examples.h"
#include "heed/model/seq2seq.h"
#include "heed/optim/optimizer.h"
#include "heed/tensor/worker_pool.h"

namespace HEED_ENGINE_API heed {

struct UpdaterOptions {
  Precision precision = Precision::kFloat32;
  int parts = 1;  ///< of each batch, at least 1: computed one after the other, their gradients added
};

struct UpdateOptions {
  double learning_rate = 0.001;
  double clip_norm = 1.0;  ///< 0: no clipping
  double label_smoothing = 0;
  std::uint64_t seed = 1;    ///< of dropout; each update, part and worker has a stream of its own
  double coverage_loss = 0;  ///< factor of the coverage loss
};

/// A loss or gradient that is infinite or no number.
class NotFinite : public Error {
 public:
  using Error::Error;
};

/// The factor that brings a gradient of that norm to `clip_norm` at most; 1 where clip_norm is 0.
inline double clip_scale(double norm, double clip_norm) {
  return clip_norm > 0 && norm > clip_norm ? clip_norm / norm : 1.0;
}

struct UpdateResult {
  double loss = 0;         ///< sum over the labels; of update() with the coverage loss
  long source_tokens = 0;  ///< EOS included
  long target_tokens = 0;
  double gradient_norm = 0;  ///< before clipping, of the mean loss per label
};

/// One training step at a time: the batch is shared out to workers, each with one thread and a tape of its own, which
/// then share out the parameters, each computing the gradients of some over the whole batch. The same model, batch, and
/// number of workers and parts give the same weights, to the bit.
class Updater {
 public:
  Updater(Seq2Seq& model, Optimizer& optimizer, WorkerPool& pool, const UpdaterOptions& options = {});
  ~Updater();

  /// Throws NotFinite if the loss or the gradient is not finite; the weights are then as before.
  UpdateResult update(std::span<const Example> batch, const UpdateOptions& options);
  /// Sum of the loss (without smoothing, dropout or coverage loss) over a batch.
  UpdateResult evaluate(std::span<const Example> batch);
  /// Packs the weights anew: after they were loaded or changed by somebody else.
  void pack_weights();
  /// Bytes of activations of all workers: constant once the largest batch has been seen.
  std::size_t arena_bytes() const;

 private:
  class WorkerBatch;
  struct Worker;
  void split_batch(std::span<const Example> batch);
  void apply(double learning_rate, double scale);

  Seq2Seq& model_;
  Optimizer& optimizer_;
  WorkerPool& pool_;
  UpdaterOptions options_;
  GradientStore gradients_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<const Tape*> tapes_;                // of the workers, in their order
  std::vector<std::vector<UpdateRange>> ranges_;  // likewise: what each changes
  std::vector<int> order_;                        // of the batch, longest first
};

}  // namespace heed
