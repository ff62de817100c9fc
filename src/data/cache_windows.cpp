#include "cache_windows.h"

#include <algorithm>
#include <tuple>

#include "cache_part.h"
#include "heed/base/rng.h"
#include "heed/data/mixture.h"

namespace heed {
namespace {

constexpr std::uint64_t kBlockStream = 0xB10C5;
constexpr std::uint64_t kWindowStream = 0x717D0;

/// The blocks of each corpus.
std::vector<std::vector<std::size_t>> blocks_of_corpora(const PairCache& cache, std::size_t corpora) {
  std::vector<std::vector<std::size_t>> out(corpora);
  for (std::size_t b = 0; b < cache.blocks().size(); ++b) out[cache.blocks()[b].corpus].push_back(b);
  return out;
}

/// As Mixture draws pairs, but in passes over whole blocks: where an epoch ends within a block, the next one goes on.
std::vector<CacheSegment> draw_blocks(const PairCache& cache, std::span<const double> weights, std::uint64_t seed,
                                      std::uint64_t epoch) {
  const auto blocks = blocks_of_corpora(cache, weights.size());
  std::vector<std::size_t> sizes(blocks.size());
  for (std::size_t c = 0; c < blocks.size(); ++c) {
    for (const std::size_t block : blocks[c]) sizes[c] += cache.blocks()[block].pairs;
  }
  const std::vector<std::size_t> counts = drawn_pairs(weights, sizes);
  std::vector<CacheSegment> out;
  for (std::size_t c = 0; c < blocks.size(); ++c) {
    const std::size_t begin = epoch * counts[c], end = begin + counts[c];
    for (std::size_t pass = begin / sizes[c]; pass * sizes[c] < end; ++pass) {
      std::vector<std::size_t> order = blocks[c];
      Rng rng = Rng::stream(seed, kBlockStream + c, pass);
      shuffle(order, rng);
      std::size_t at = pass * sizes[c];
      for (const std::size_t block : order) {
        const std::size_t pairs = cache.blocks()[block].pairs;
        const std::size_t from = std::clamp(begin, at, at + pairs), to = std::clamp(end, at, at + pairs);
        if (from < to) out.push_back({block, from - at, to - from});
        at += pairs;
      }
    }
  }
  return out;
}

}  // namespace

std::vector<std::vector<CacheSegment>> windows_of_epoch(const PairCache& cache, std::span<const double> weights,
                                                        std::int64_t most_bytes, int seed, int epoch) {
  const auto stream = static_cast<std::uint64_t>(seed);
  std::vector<CacheSegment> segments =
      weights.empty() ? cache.all() : draw_blocks(cache, weights, stream, static_cast<std::uint64_t>(epoch));
  Rng rng = Rng::stream(stream, kWindowStream, static_cast<std::uint64_t>(epoch));
  shuffle(segments, rng);
  std::int64_t all = 0, largest = 0;
  for (const CacheSegment& segment : segments) {
    all += cache.memory_of(segment);
    largest = std::max(largest, cache.memory_of(segment));
  }
  // Of about the same size: a small one at the end of each epoch would be shuffled worse.
  const std::int64_t room = std::max(most_bytes - largest, std::int64_t{1});
  const std::int64_t windows = (all + room - 1) / room;
  std::vector<std::vector<CacheSegment>> out;
  std::int64_t filled = 0;
  for (const CacheSegment& segment : segments) {
    const bool is_full = out.empty() || filled * windows >= all * static_cast<std::int64_t>(out.size());
    if (is_full) out.emplace_back();
    out.back().push_back(segment);
    filled += cache.memory_of(segment);
  }
  for (std::vector<CacheSegment>& window : out) {
    std::sort(window.begin(), window.end(), [](const CacheSegment& a, const CacheSegment& b) {
      return std::tie(a.block, a.first) < std::tie(b.block, b.first);
    });
  }
  return out;
}

}  // namespace heed
