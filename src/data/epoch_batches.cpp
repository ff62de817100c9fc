#include "heed/data/epoch_batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "cache_windows.h"
#include "heed/base/error.h"

namespace heed {
namespace {

constexpr std::uint64_t kOrderStream = 0x0B47C4;
constexpr double kMegabyte = 1e6;

}  // namespace

// Of a cache only the numbers of batches are found here: without batch_tokens they follow from those of the pairs.
EpochBatches::EpochBatches(const TrainingData& data, const BatchingOptions& options, int seed, int epoch)
    : data_(data), options_(options), seed_(seed), epoch_(epoch) {
  if (!data.cache) {
    Rng order = rng(0);
    batches_ = make_batches(data.train, data.pairs_of_epoch(seed, epoch), options, order);
    begins_ = {0, static_cast<int>(batches_.size())};
    return;
  }
  windows_ = windows_of_epoch(*data.cache, data.mixture.weights,
                              static_cast<std::int64_t>(data.cache_megabytes * kMegabyte), seed, epoch);
  begins_ = {0};
  const auto sentences = static_cast<std::size_t>(std::max(options.batch_sentences, 1));
  for (std::size_t w = 0; w < windows_.size(); ++w) {
    std::size_t pairs = 0;
    for (const CacheSegment& segment : windows_[w]) pairs += segment.pairs;
    const std::size_t batches = options.batch_tokens > 0 ? batches_of(data.cache->lengths(windows_[w]), w).size()
                                                         : (pairs + sentences - 1) / sentences;
    begins_.push_back(begins_.back() + static_cast<int>(batches));
  }
  window_ = windows_.size();  // none yet
}

Rng EpochBatches::rng(std::size_t window) const {
  return Rng::stream(static_cast<std::uint64_t>(seed_), kOrderStream + (static_cast<std::uint64_t>(window) << 32),
                     static_cast<std::uint64_t>(epoch_));
}

std::vector<std::vector<int>> EpochBatches::batches_of(std::span<const PairLength> lengths, std::size_t window) const {
  std::vector<int> chosen(lengths.size());
  std::iota(chosen.begin(), chosen.end(), 0);
  Rng order = rng(window);
  return make_batches(lengths, std::move(chosen), options_, order);
}

void EpochBatches::open(int batch) {
  if (!data_.cache) return;
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), batch);
  const auto window = static_cast<std::size_t>(after - begins_.begin()) - 1;
  if (window == window_) return;
  window_ = windows_.size();
  examples_ = Examples();  // before the next one is read: they are not in memory together
  batches_ = {};
  examples_ = data_.cache->load(windows_[window]);
  batches_ = batches_of(lengths_of(examples_), window);
  if (static_cast<int>(batches_.size()) != begins_[window + 1] - begins_[window]) {
    throw Error(ErrorKind::kArgument, fmt::format("{} batches of a window that has {}", batches_.size(),
                                                  begins_[window + 1] - begins_[window]));
  }
  window_ = window;
}

std::vector<Example> EpochBatches::operator[](int batch) {
  open(batch);
  const int begin = data_.cache ? begins_[window_] : 0;
  return examples().at(batches_[static_cast<std::size_t>(batch - begin)]);
}

}  // namespace heed
