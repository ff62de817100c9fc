#pragma once
#include "heed/model/seq2seq.h"

namespace heed {

/// Encodes a batch some sentences at a time: what layers compute on the way is kept for these alone, whatever the size
/// of the batch. A sentence's states do not depend on which others are computed beside it.
class BatchEncoder {
 public:
  /// Inference. `all` is `sources` packed, and must outlive the tape's batch; `projections` as Encoder::encode() has
  /// them.
  EncodedBatch encode(Tape& tape, const Encoder& encoder, const SourceIds& sources, const SourceBatch& all,
                      const Directions& projections);

 private:
  Arena working_;
  SourceBatch part_;
};

}  // namespace heed
