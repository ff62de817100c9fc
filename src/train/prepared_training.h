#pragma once
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "batch_sampler.h"
#include "cadence.h"
#include "checkpoint.h"
#include "event_log.h"
#include "heed/data/epoch_batches.h"
#include "heed/data/training_data.h"
#include "heed/model/seq2seq.h"
#include "heed/ranks/ranks.h"
#include "heed/tensor/worker_pool.h"
#include "heed/train/rehearsal.h"
#include "heed/train/trainer.h"
#include "heed/train/updater.h"
#include "history_writer.h"
#include "selection.h"
#include "start_from.h"

namespace heed {

/// A training that stands before its next update: its data, model and optimizer, new or as they were saved.
class PreparedTraining {
 public:
  /// The directory is locked and may be written to. `how` and `log` must outlive it.
  PreparedTraining(const Config& config, const TrainerOptions& how, EventLog& log);
  /// Updates its weights for nothing, and reports.
  Rehearsal rehearse();
  /// Throws where that of another rank has other data or weights.
  void check_alike() const;

 protected:
  using Clock = std::chrono::steady_clock;

  /// Says what begins.
  void start();
  static double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }
  /// Of the training, those of earlier processes too: of several ranks the first one's, so that all decide alike.
  double seconds() const {
    return position_.seconds + (how_.ranks != nullptr ? how_.ranks->seconds() : since(started_));
  }
  /// Whether this process writes and tells.
  bool leads() const { return how_.ranks == nullptr || how_.ranks->leads(); }
  bool out_of_time() const { return options_.max_minutes > 0 && seconds() >= options_.max_minutes * 60; }
  /// With the seconds of this process, which are added once, when the state is written.
  TrainingPosition position_now() const;
  TrainingExtent extent() const;
  /// An earlier run still stands at the output.
  bool over_another() const { return how_.mode == TrainingMode::kReplace && position_.validations.empty(); }
  double learning_rate() const;
  EpochBatches batches_of_epoch();
  UpdateOptions update_options() const;
  /// Nothing may be called the best that is not there.
  void forget_best(const std::string& why);
  void warn(const std::string& text) const;

  Config config_;  // with what `auto` was found to be
  const TrainingOptions& options_;
  const TrainerOptions& how_;
  const TrainerEvents& events_;
  const std::atomic<bool>& stop_;
  EventLog& log_;
  TrainingData data_;
  BleuSight sight_;
  std::unique_ptr<WarmStart> start_;  // until it has given what it has
  std::shared_ptr<Seq2Seq> model_;
  std::unique_ptr<Optimizer> optimizer_;
  WorkerPool pool_;
  Precision precision_;
  std::vector<Bundle> teachers_, ensemble_;  // of distillation, and of validation
  Updater updater_;
  BatchSampler sampler_;
  Checkpoint checkpoint_;
  HistoryWriter history_;
  std::vector<std::size_t> samples_;  // places in the validation text
  TrainingPosition position_;
  int batches_ = 0;  // of an epoch
  Clock::time_point started_ = Clock::now();
  Cadence cadence_;
  bool may_rise_ = false;  // the learning rate

 private:
  const ModelOptions& settle_model();
  std::shared_ptr<Seq2Seq> make_model(const ModelOptions& options) const;
  void resume();
  void give_moments();
};

}  // namespace heed
