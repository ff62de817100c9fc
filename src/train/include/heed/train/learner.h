#pragma once
#include <functional>
#include <memory>
#include <string>

#include "heed/autograd/gradient_store.h"
#include "heed/base/export.h"
#include "heed/nn/module.h"
#include "heed/optim/optimizer.h"

namespace HEED_ENGINE_API heed {

struct LearnerOptions {
  double learning_rate = 0.001;
  double clip_norm = 1.0;  ///< largest norm of the gradient; 0: no limit
};

/// Trains your own model in the calling thread. (Updater trains a Seq2Seq with several workers.)
class Learner {
 public:
  /// The model must be initialize()d and outlive this. Throws UsageError for an unknown optimizer.
  explicit Learner(Module& model, const std::string& optimizer = "adam");

  /// One update: `loss` computes and returns the loss of a batch on a recording tape. Returns the loss. Afterwards the
  /// weights are packed, for the next update and for inference. Throws NotFinite if the loss or the gradient is not
  /// finite; the weights are then as before.
  double update(const std::function<double(Tape& tape)>& loss, const LearnerOptions& options = {});

 private:
  ParameterList parameters_;
  GradientStore gradients_;
  std::unique_ptr<Optimizer> optimizer_;
  Arena arena_;
  Tape tape_{arena_, true};
};

}  // namespace heed
