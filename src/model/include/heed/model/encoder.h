#pragma once
#include <vector>

#include "heed/model/batch.h"
#include "heed/model/config.h"
#include "heed/nn/attention.h"
#include "heed/nn/lstm.h"

namespace heed {

/// What the encoder says of a batch.
struct EncodedBatch {
  Encoded memory;  ///< states of the last layer, sentence after sentence
  std::vector<LstmState>
      final;  ///< for each layer [B, He]: the state after the last position (and, backwards, after the first)
};

/// Embedding and a stack of uni- or bidirectional LSTM layers.
class Encoder : public Module {
 public:
  Encoder(const ModelOptions& options, int vocabulary, Rng& rng);
  /// `source` must outlive the tape's batch. `rng` is for dropout; unused without recording.
  EncodedBatch encode(Tape& tape, const SourceBatch& source, Rng* rng) const;
  void visit(const ParameterVisitor& visitor) override;
  int vocabulary() const { return static_cast<int>(embedding_.rows()); }

 private:
  struct Layer {
    LstmCell forward;
    std::vector<LstmCell> backward;  // one or none
  };
  double dropout_;
  Parameter embedding_;  // [V, E]
  std::vector<Layer> layers_;
};

}  // namespace heed
