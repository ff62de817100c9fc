#include "sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace heed {
namespace {

/// The first place where the sum up to it is more than `sum`; past the end if there is none.
std::size_t place_of(double sum, std::span<const double> weights) {
  std::size_t place = 0;
  for (; place < weights.size(); ++place) {
    sum -= weights[place];
    if (sum < 0) break;
  }
  return place;
}

}  // namespace

// BOS is never drawn, so that a complete row's probabilities may be a little less than 1 together. A number that falls
// into no one's share of 1 is followed by another, of the row's own sum: each has its part of that sum then.
int draw(std::span<const Continuation> row, bool complete, const Sampling& sampling, const Uniform& uniform) {
  const auto log_of = [&](const Continuation& one) { return static_cast<double>(one.log_probability); };
  std::vector<double> weights;  // in units of the first one's
  for (const Continuation& one : row) {
    weights.push_back(std::exp((log_of(one) - log_of(row.front())) / sampling.temperature));
  }
  if (sampling.top_k > 0) weights.resize(std::min(weights.size(), static_cast<std::size_t>(sampling.top_k)));
  const double one = std::exp(-log_of(row.front()));
  const bool plain = sampling.temperature == 1 && sampling.top_k == 0;
  if (plain && sampling.top_p == 1 && sampling.min_p == 0) {
    const std::size_t place = place_of(uniform.first * one, weights);
    if (place < weights.size()) return static_cast<int>(place);
    if (!complete) return kUndecided;
  }
  const double all = complete ? std::accumulate(weights.begin(), weights.end(), 0.0) : one;
  if (sampling.top_p < 1) {
    const std::size_t last = place_of(sampling.top_p * all, weights);
    if (last == weights.size() && !complete) return kUndecided;
    weights.resize(std::min(weights.size(), last + 1));
  } else if (!complete && weights.back() >= sampling.min_p) {
    return kUndecided;
  }
  while (weights.back() < sampling.min_p) weights.pop_back();
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  return static_cast<int>(std::min(place_of(uniform.second * sum, weights), weights.size() - 1));
}

}  // namespace heed
