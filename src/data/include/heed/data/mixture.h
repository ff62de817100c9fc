#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// How many pairs an epoch, of as many as there are, has from each corpus: its share by weight, and one at least.
std::vector<std::size_t> drawn_pairs(std::span<const double> weights, std::span<const std::size_t> sizes);

/// Training pairs of several corpora that are drawn by weight.
struct Mixture {
  std::vector<double> weights;
  std::vector<std::vector<int>> pairs;  ///< places of each corpus among the training pairs, where these are in memory

  bool empty() const { return weights.empty(); }
  /// drawn_pairs().
  std::vector<std::size_t> counts() const;
  /// The pairs of an epoch. Each corpus goes on through its own passes, in which each of its pairs comes once in a
  /// random order: a corpus with more than its share by size repeats within an epoch, one with less takes several. Only
  /// seed and epoch decide.
  std::vector<int> pairs_of_epoch(std::uint64_t seed, int epoch) const;
};

}  // namespace heed
