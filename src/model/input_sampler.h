#pragma once
#include <memory>
#include <span>

#include "heed/model/output.h"

namespace heed {

/// Scheduled sampling (Bengio et al. 2015, section 2.4): each token that the decoder reads is, with some probability,
/// one drawn from the probabilities of the previous step. No gradient goes through the choice.
class InputSampler {
 public:
  InputSampler(const Output& output, double probability, Rng& rng)
      : probability_(probability), rng_(rng), scores_(output.search()) {}
  /// Receives a step, from which the inputs of the next are drawn.
  void take(Tape& tape, const DecoderStep& step, const DecoderState& now) {
    scores_->take(tape, step, now);
    taken_ = true;
  }
  /// The tokens of the next step's rows, `truth` or in the tape's arena. They are the true ones in the first step.
  std::span<const int> choose(Tape& tape, std::span<const int> truth);

 private:
  int draw(const RowScores& scores);

  double probability_;
  Rng& rng_;
  std::unique_ptr<StepOutput> scores_;
  bool taken_ = false;
};

}  // namespace heed
