#pragma once
#include <memory>
#include <span>
#include <vector>

#include "heed/model/config.h"
#include "heed/model/encoder.h"

namespace heed {

/// What the decoder carries from step to step; row r belongs to one target (or hypothesis).
struct DecoderState {
  std::vector<LstmState> layers;  ///< each [n, Hd]
  Variable attentional;           ///< [n, Hd] h~ of the step before; empty at the first step
  AttentionTrace trace;           ///< weights of the last step
};

/// LSTM layers with attention. One step, for teacher forcing and for search alike:
///   x = [E y; h~'; c]                      h~' with input feeding (Luong et al. 2015, 3.3), c for Bahdanau et al. 2015
///   (A.2.2) h = LSTM layers of x                    c = attention of h (Luong), or of the h before the step (Bahdanau)
///   h~ = tanh(c W_c + h W_h + b)            Luong et al. 2015, equation 5
///   p(y) = softmax(h~ W + b)                equation 6
class Decoder : public Module {
 public:
  Decoder(const ModelOptions& options, int vocabulary, Rng& rng);

  AttentionMemory prepare(Tape& tape, const Encoded& encoded) const;
  /// The first state of each sentence [B, Hd], from the encoder's last: h0 = tanh(h W + b), c0 = c W + b.
  DecoderState start(Tape& tape, const EncodedBatch& encoded) const;
  /// What the cell gets of the inputs' embeddings, for any number of steps at once. [n, 4Hd]
  Variable embed(Tape& tape, std::span<const int> ids, Rng* rng) const;
  /// `gates`: rows of embed(); its first rows continue those of `state`. Row r looks at sentence[r].
  DecoderState step(Tape& tape, const Variable& gates, const DecoderState& state, const AttentionMemory& memory,
                    std::span<const int> sentence, Rng* rng) const;
  OutputLayer output() const { return {&generator_, &generator_bias_}; }
  double dropout_rate() const { return dropout_; }
  int vocabulary() const { return static_cast<int>(embedding_.rows()); }
  bool attends() const { return attention_ != nullptr; }
  void visit(const ParameterVisitor& visitor) override;

 private:
  struct Bridge {
    Parameter hidden, hidden_bias, cell, cell_bias;
  };
  Variable attentional(Tape& tape, const Variable& context, const Variable& hidden) const;

  double dropout_;
  ContextEntry entry_;
  Parameter embedding_;  // [V, E]
  std::vector<LstmCell> cells_;
  std::vector<Parameter> feed_;            // [Hd, 4Hd] one with input feeding
  std::vector<Parameter> cell_context_;    // [He, 4Hd] one if the context enters the cell
  std::vector<Bridge> bridges_;            // one for each layer
  std::unique_ptr<Attention> attention_;   // nullptr: none
  std::vector<Parameter> output_context_;  // [He, Hd] one with attention
  Parameter output_hidden_;                // [Hd, Hd]
  Parameter output_bias_;                  // [1, Hd]
  Parameter generator_;                    // [Hd, V]
  Parameter generator_bias_;               // [1, V]
};

}  // namespace heed
