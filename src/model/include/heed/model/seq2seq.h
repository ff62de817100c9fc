#pragma once
#include <memory>
#include <vector>

#include "heed/model/decoder.h"

namespace heed {

/// What teacher forcing says of a batch.
struct Forced {
  double loss = 0;                         ///< sum over all labels, with label smoothing
  std::span<const float> log_probability;  ///< of each label, in the order of TargetBatch::labels
  std::vector<Variable> weights;           ///< attention of each step [rows of the step, longest]; empty for `none`
};

struct ForcingOptions {
  double label_smoothing = 0;
  double scale = 1;    ///< factor of the gradient
  Rng* rng = nullptr;  ///< for dropout; needed while recording
};

/// Encoder and decoder. Parameters only: everything of a batch lives on the tape, so one model serves any number of
/// threads.
class Seq2Seq {
 public:
  /// Random weights; the same options and seed give the same.
  Seq2Seq(const ModelOptions& options, int source_vocabulary, int target_vocabulary, std::uint64_t seed);

  /// Teacher forcing: the decoder reads the true target. While recording, Tape::backward() then gives the gradients.
  Forced force(Tape& tape, const SourceBatch& source, const TargetBatch& target, const ForcingOptions& options) const;

  const Encoder& encoder() const { return encoder_; }
  const Decoder& decoder() const { return decoder_; }
  const ModelOptions& options() const { return options_; }
  ParameterList& parameters() { return *parameters_; }
  const ParameterList& parameters() const { return *parameters_; }
  long parameter_count() const;

 private:
  ModelOptions options_;
  Rng initial_;
  Encoder encoder_;
  Decoder decoder_;
  std::unique_ptr<ParameterList> parameters_;
};

/// Floating point operations of the products of one update (forward, and twice that backward), counted from the shapes:
/// the work that the model asks for, whatever the code does.
double update_flops(const ModelOptions& options, int target_vocabulary, double sentences, double source_length,
                    double target_length);

}  // namespace heed
