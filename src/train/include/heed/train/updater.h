#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/autograd/gradient_store.h"
#include "heed/base/error.h"
#include "heed/base/export.h"
#include "heed/data/examples.h"
#include "heed/model/seq2seq.h"
#include "heed/optim/optimizer.h"
#include "heed/tensor/worker_pool.h"

namespace HEED_ENGINE_API heed {

class GradientSum;
class Ranks;
struct WorkerShares;

/// Minimum-risk training (Shen et al. 2016): what a translation costs, in the mean over some that the model gives.
struct RiskTerm {
  double weight = 0;         ///< share of the risk in the loss, beside cross-entropy; 0: none
  int candidates = 8;        ///< of each sentence
  bool sampled = true;       ///< from the model's probabilities, or the best of beam search
  double sharpness = 0.005;  ///< exponent of the candidates' probabilities
  /// From 0, the best, to 1; called by several threads.
  std::function<double(std::span<const int> candidate, std::span<const int> reference)> cost = {};
};

struct UpdaterOptions {
  Precision precision = Precision::kFloat32;
  int parts = 1;             ///< gradient accumulation steps for each batch, at least 1
  double average_decay = 0;  ///< > 0: what an exponential moving average of the weights keeps of itself, per update
  std::vector<const Seq2Seq*> teachers = {};  ///< of UpdateOptions::distillation, with the model's vocabularies
  RiskTerm risk = {};
  int workers = 0;           ///< that a batch is split among, of all processes; 0: the threads of the pool
  int groups = 1;            ///< of workers, whose gradients are summed by themselves first; at least as many as ranks
  bool rounds_sums = false;  ///< of several groups: what goes from one process to another is bfloat16
  /// Of several ranks: each updates a part of the weights alone, and the others receive them; it has their moments.
  bool sharded = false;
  Ranks* ranks = nullptr;  ///< the processes that make the update together, all with the same weights and batches
};

struct UpdateOptions {
  double learning_rate = 0.001;
  double clip_norm = 1.0;  ///< 0: no clipping
  double label_smoothing = 0;
  std::uint64_t seed = 1;       ///< of dropout; each update, accumulation step and worker has its own stream
  double coverage_loss = 0;     ///< factor of the coverage loss
  double sampling = 0;          ///< LossOptions::sampling
  double distillation = 0;      ///< share of the teachers' mean probabilities in the loss
  double guided_alignment = 0;  ///< factor of the loss of attending elsewhere than to an example's links
  double clip_value = 0;        ///< > 0: each number of the gradient is cut to it
  bool skip = false;            ///< what is not finite, or has a larger norm than this, is not applied:
  double most_norm = std::numeric_limits<double>::infinity();  ///< UpdateResult::skipped says why
};

/// A loss or gradient that is infinite or NaN.
class NotFinite : public Error {
 public:
  explicit NotFinite(const std::string& message) : Error(ErrorKind::kNumeric, message) {}
};

/// The factor that clips a gradient of that norm to `clip_norm`; 1 if clip_norm is 0.
inline double clip_scale(double norm, double clip_norm) {
  return clip_norm > 0 && norm > clip_norm ? clip_norm / norm : 1.0;
}

struct UpdateResult {
  double loss = 0;         ///< sum over the labels; update() includes the coverage loss
  long source_tokens = 0;  ///< EOS included
  long target_tokens = 0;
  double gradient_norm = 0;  ///< before clipping, of the mean loss per label
  double risk = 0;           ///< mean over the sentences of RiskTerm, if there is one
  std::string skipped;       ///< why the weights are as before; or empty
};

/// Training updates: the batch is split among workers, each with a tape; then the parameters are among threads, and
/// each computes its parameters' gradients over the whole batch, or over each group's share of it. The same model,
/// batch, and number of workers, groups and parts give the same weights, to the bit, with any number of threads and
/// ranks.
class Updater {
 public:
  Updater(Seq2Seq& model, Optimizer& optimizer, WorkerPool& pool, const UpdaterOptions& options = {});
  ~Updater();

  /// Throws NotFinite if the loss or the gradient is not finite, unless options.skip; the weights are then as before.
  UpdateResult update(std::span<const Example> batch, const UpdateOptions& options);
  /// Sum of the loss (without smoothing, dropout or coverage loss) over a batch.
  UpdateResult evaluate(std::span<const Example> batch);
  /// Packs the weights, after they were loaded or changed elsewhere.
  void pack_weights();
  /// The state for resuming beside the weights: the optimizer's, and the average. With `sharded`, of the optimizer's
  /// own part; all of it in rank 0 after gather_state().
  std::vector<std::pair<std::string, Tensor>> state();
  /// Whether there are several ranks, with `sharded`.
  bool is_sharded() const;
  /// With `sharded`, called by all ranks: brings the moments of all to rank 0.
  void gather_state();
  /// The same of gradient().
  void gather_gradient();
  /// With `sharded`: gives the memory of others' moments back, after state() was read or loaded.
  void forget_others_state();
  /// Puts the average in the place of the weights, packed, and back; without one it does nothing.
  void swap_average();
  /// The gradient of the last update, flat (ParameterList::offset()), before clipping. With `sharded`, of the own part
  /// and of tables; all of it in rank 0 after gather_gradient().
  const Tensor& gradient() const { return gradients_.flat(); }
  /// Bytes that this process sends to others in an update, in the mean of all so far.
  double bytes_sent() const;
  /// Bytes of activations of all workers, constant after the largest batch.
  std::size_t arena_bytes() const;
  /// Bytes of gradients: of the whole, of further groups, and what is sent of them.
  std::int64_t gradient_bytes() const;

 private:
  class WorkerBatch;
  struct Worker;
  std::span<const TeacherOutput> teach(Worker& worker, const SourceBatch& source, const TargetBatch& target) const;
  void add_risk(Worker& worker, const WorkerBatch& own, double scale, Rng& rng) const;
  int first_worker() const;
  std::span<const double> add_up();
  void split_batch(std::span<const Example> batch);
  void collect(Accumulate accumulate);
  void evaluate(Worker& worker);
  void share_out_ranges();
  void apply(const UpdateScales& scales);
  void share_weights();
  void take_into_average(const UpdateRange& range);
  bool averages() const { return options_.average_decay > 0; }

  Seq2Seq& model_;
  Optimizer& optimizer_;
  WorkerPool& pool_;
  UpdaterOptions options_;
  GradientStore gradients_;
  std::unique_ptr<const WorkerShares> shares_;
  std::unique_ptr<GradientSum> sum_;                     // of several groups; nullptr: there is one
  std::vector<std::unique_ptr<Worker>> workers_;         // of this process
  std::vector<const Tape*> tapes_;                       // of them, in order
  std::vector<double> losses_, all_losses_;              // two numbers of each
  long made_ = 0;                                        // updates
  std::vector<std::vector<UpdateRange>> ranges_;         // that each thread updates
  std::vector<std::vector<UpdateRange>> others_ranges_;  // that other ranks update, shared out likewise
  std::vector<int> order_;                               // of the batch, longest first
  Buffer average_;  // in the layout of the flat gradient; empty without average_decay
};

/// As long as it lives the model has the average of its weights, if the updater keeps one.
class AveragedWeights {
 public:
  explicit AveragedWeights(Updater& updater) : updater_(updater) { updater_.swap_average(); }
  ~AveragedWeights() { updater_.swap_average(); }
  AveragedWeights(const AveragedWeights&) = delete;
  AveragedWeights& operator=(const AveragedWeights&) = delete;

 private:
  Updater& updater_;
};

}  // namespace heed
