#pragma once
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

class Examples;

/// How many tokens the sides of a pair have, without BOS and EOS.
struct PairLength {
  int source = 0;
  int target = 0;
  bool operator==(const PairLength&) const = default;
};

std::vector<PairLength> lengths_of(const Examples& pairs);

/// How many pairs there are of each length: what there is to tell of the lengths of pairs that no memory holds.
class LengthCounts {
 public:
  LengthCounts() = default;
  explicit LengthCounts(const Examples& pairs);
  void add(PairLength length, long pairs = 1) {
    counts_[static_cast<std::uint64_t>(static_cast<std::uint32_t>(length.source)) << 32 |
            static_cast<std::uint32_t>(length.target)] += pairs;
  }
  void add(const LengthCounts& others);
  /// Each length that there is, with its pairs, by source and then target.
  std::vector<std::pair<PairLength, long>> sorted() const;
  bool empty() const { return counts_.empty(); }

 private:
  std::unordered_map<std::uint64_t, long> counts_;  // source << 32 | target
};

}  // namespace heed
