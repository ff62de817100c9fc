#pragma once
#include <string>

#include "heed/data/fingerprint.h"
#include "heed/model/config.h"
#include "heed/model/seq2seq.h"
#include "heed/ranks/ranks.h"
#include "heed/train/trainer.h"

// What processes that train together must have in common. `ranks` is nullptr where there is one.
namespace heed {

/// Throws where the ranks are not of the same program, on processors with the same instructions, with the same config
/// and mode.
void check_alike(Ranks& ranks, const Config& config, TrainingMode mode);

/// The same for what was made of the config: data and first weights.
void check_alike(Ranks& ranks, const DataFingerprint& data, const Seq2Seq& model);

/// Gives rank 0's weights to all.
void share_weights(Ranks& ranks, Seq2Seq& model);

/// Threads of each process for training.threads: auto, of those that share processors.
int threads_of_each(Ranks& ranks, int usable);

/// Settles training.workers and groups, where a run goes on as it was. Returns what is to be warned of, or an empty
/// text. Throws UsageError, or Error if batches have fewer sentences than there are ranks.
std::string settle_workers(TrainingOptions& training, const TrainingOptions* before, int ranks);

/// Does it in rank 0, and waits there for all. What fails there ends all.
template <typename Work>
void leading(Ranks* ranks, const Work& work) {
  if (ranks == nullptr) return work();
  ranks->together([&] {
    if (ranks->leads()) work();
  });
}

/// Does what all have to succeed in.
template <typename Work>
auto together(Ranks* ranks, const Work& work) {
  if (ranks == nullptr) return work();
  return ranks->together(work);
}

}  // namespace heed
