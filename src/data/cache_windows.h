#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "heed/data/pair_cache.h"

namespace heed {

/// What of a cache is in memory together, one after the other, in an epoch: each pair once, or, with weights of its
/// corpora, as many of each as its share is. Whole blocks are drawn at random, so that a window has pairs from all over
/// the text; each window holds `most_bytes` at most, but one block at least. Only seed and epoch decide.
std::vector<std::vector<CacheSegment>> windows_of_epoch(const PairCache& cache, std::span<const double> weights,
                                                        std::int64_t most_bytes, int seed, int epoch);

}  // namespace heed
