#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/rng.h"
#include "heed/data/examples.h"
#include "heed/data/length_counts.h"

namespace HEED_ENGINE_API heed {

struct BatchingOptions {
  int batch_sentences = 64;  ///< sentences in a batch
  /// > 0: instead, the most tokens of a batch, of both sides, EOS included: all that are computed, since there is no
  /// padding. A longer pair is a batch of its own.
  int batch_tokens = 0;
  int pool_batches = 50;  ///< sentences are shuffled, and sorted by length inside pools of this many batches
};

/// Indices of the examples of each batch for one epoch, in the order of training: batches of similar length, in random
/// order. Each of `chosen` is in exactly one batch.
std::vector<std::vector<int>> make_batches(const Examples& examples, std::vector<int> chosen,
                                           const BatchingOptions& options, Rng& rng);
/// The same of examples of which the lengths are known.
std::vector<std::vector<int>> make_batches(std::span<const PairLength> lengths, std::vector<int> chosen,
                                           const BatchingOptions& options, Rng& rng);
/// The same of all examples.
std::vector<std::vector<int>> make_batches(const Examples& examples, const BatchingOptions& options, Rng& rng);

/// Batches in order of length, for validation and translation.
std::vector<std::vector<int>> make_sorted_batches(const std::vector<int>& lengths, int batch_sentences);

}  // namespace heed
