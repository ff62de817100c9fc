#include "heed/data/mixture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "heed/base/rng.h"

namespace heed {
namespace {

constexpr std::uint64_t kDrawStream = 0xD4A35;

}  // namespace

std::vector<std::size_t> drawn_pairs(std::span<const double> weights, std::span<const std::size_t> sizes) {
  const double weight = std::accumulate(weights.begin(), weights.end(), 0.0);
  const std::size_t all = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  std::vector<std::size_t> out;
  double end = 0;  // rounded where each share ends, so that the rounded ones have the same sum
  for (const double each : weights) {
    const auto begin = std::llround(end);
    end += static_cast<double>(all) * each / weight;
    out.push_back(static_cast<std::size_t>(std::max(std::llround(end) - begin, 1LL)));
  }
  return out;
}

std::vector<std::size_t> Mixture::counts() const {
  std::vector<std::size_t> sizes;
  for (const std::vector<int>& corpus : pairs) sizes.push_back(corpus.size());
  return drawn_pairs(weights, sizes);
}

std::vector<int> Mixture::pairs_of_epoch(std::uint64_t seed, int epoch) const {
  std::vector<int> out;
  const std::vector<std::size_t> count = counts();
  for (std::size_t c = 0; c < pairs.size(); ++c) {
    const std::size_t size = pairs[c].size();
    const std::size_t begin = static_cast<std::size_t>(epoch) * count[c];
    for (std::size_t at = begin; at < begin + count[c];) {
      Rng rng = Rng::stream(seed, kDrawStream + c, at / size);
      std::vector<int> pass = pairs[c];
      shuffle(pass, rng);
      for (std::size_t end = std::min((at / size + 1) * size, begin + count[c]); at < end; ++at)
        out.push_back(pass[at % size]);
    }
  }
  return out;
}

}  // namespace heed
