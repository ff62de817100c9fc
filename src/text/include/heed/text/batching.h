#pragma once
#include <cstdint>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/rng.h"

namespace HEED_ENGINE_API heed {

/// A training pair as ids, without begin and end marks.
struct Example {
  std::vector<int> source;
  std::vector<int> target;
  std::vector<int> copies = {};  ///< of each source token, the target id that copying it gives; empty: no copying
};

struct BatchingOptions {
  int batch_sentences = 64;  ///< sentences in a batch
  int batch_tokens = 0;      ///< > 0: instead, at most this many target tokens (end marks included) in a batch
  int pool_batches = 50;     ///< sentences are shuffled, and sorted by length inside pools of this many batches
};

/// Indices of the examples of each batch for one epoch, in the order of training: batches of similar length, in an
/// order that only `rng` decides. Each example stands in exactly one batch.
std::vector<std::vector<int>> make_batches(const std::vector<Example>& examples, const BatchingOptions& options,
                                           Rng& rng);

/// Batches in order of length, for validation and translation.
std::vector<std::vector<int>> make_sorted_batches(const std::vector<int>& lengths, int batch_sentences);

}  // namespace heed
