#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/train/trainer.h"

namespace HEED_ENGINE_API heed {

/// Parameters of a model whose names begin alike.
struct RehearsedModule {
  std::string name;                 ///< "encoder.0.forward"
  std::vector<std::string> arrays;  ///< "weight 512 x 2048"
  std::int64_t parameters = 0;
};

/// Lengths of the sentences of one side, in tokens.
struct RehearsedSide {
  std::int64_t tokens = 0;
  double mean = 0;
  std::int64_t most_of_95 = 0;  ///< 95 of 100 sentences have no more
  std::int64_t longest = 0;
};

struct RehearsedText {
  std::string name;              ///< "train", or the file of a corpus of several; "validation", "test"
  std::int64_t pairs = 0;        ///< that were read
  std::int64_t kept = 0;         ///< for training or perplexity
  RehearsedSide source, target;  ///< of what is kept
};

/// Bytes.
struct RehearsedMemory {
  std::int64_t parameters = 0;
  std::int64_t packed = 0;  ///< their copies in the order of products
  std::int64_t gradients = 0;
  std::int64_t optimizer = 0;    ///< and the average of the weights, if there is one
  std::int64_t activations = 0;  ///< of the largest batch, all workers
  std::int64_t data = 0;         ///< ids and texts
  std::int64_t save = 0;         ///< the largest file, which is made before it is written
  std::int64_t peak = 0;         ///< of this process, measured; without a save
};

/// Seconds, from a few measured updates and a few sentences of the validation text.
struct RehearsedTime {
  int measured = 0;          ///< usual updates
  double update = 0;         ///< the mean of an epoch
  double largest = 0;        ///< the slowest that was measured
  std::int64_t updates = 0;  ///< of an epoch
  double validation = 0;     ///< without metrics: perplexity alone
  double epochs = 0;         ///< that are still to come
  double validations = 0;    ///< likewise, at most
  double whole = 0;          ///< at most: early_stop may end it
  bool cut = false;          ///< by training.max_minutes
};

/// What a training would be like.
struct Rehearsal {
  std::string finished;  ///< why there is nothing to train; then the rest is empty
  std::vector<RehearsedModule> modules;
  std::vector<RehearsedText> texts;
  RehearsedMemory memory;
  int sentences = 0;  ///< of the batch that takes most memory, and its tokens
  std::int64_t source_tokens = 0, target_tokens = 0;
  RehearsedTime time;
};

/// Does what train() does before its first update, so that whatever is wrong with config, data or output is found; then
/// some updates, of the batches that take most memory and of usual ones, and a part of a validation, on weights that
/// are thrown away. Writes nothing. Throws what train() throws.
Rehearsal rehearse(const Config& config, const TrainerOptions& options = {});

}  // namespace heed
