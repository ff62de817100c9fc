#include "heed/data/length_counts.h"

#include <algorithm>
#include <tuple>

#include "heed/data/examples.h"

namespace heed {

std::vector<PairLength> lengths_of(const Examples& pairs) {
  std::vector<PairLength> out;
  out.reserve(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Example pair = pairs[i];
    out.push_back({static_cast<int>(pair.source.size()), static_cast<int>(pair.target.size())});
  }
  return out;
}

LengthCounts::LengthCounts(const Examples& pairs) {
  for (const PairLength& length : lengths_of(pairs)) add(length);
}

void LengthCounts::add(const LengthCounts& others) {
  for (const auto& [length, pairs] : others.counts_) counts_[length] += pairs;
}

std::vector<std::pair<PairLength, long>> LengthCounts::sorted() const {
  std::vector<std::pair<PairLength, long>> out;
  out.reserve(counts_.size());
  for (const auto& [length, pairs] : counts_)
    out.push_back({{static_cast<int>(length >> 32), static_cast<int>(length & 0xFFFFFFFF)}, pairs});
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::tie(a.first.source, a.first.target) < std::tie(b.first.source, b.first.target);
  });
  return out;
}

}  // namespace heed
