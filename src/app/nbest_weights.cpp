#include "nbest_weights.h"

#include <cmath>
#include <map>
#include <numeric>

namespace heed::app {

double score_of(const NbestEntry& entry, const std::vector<double>& weights) {
  return std::inner_product(weights.begin(), weights.end(), entry.features.begin(), 0.0);
}

std::vector<int> best_entries(const NbestList& list, std::size_t sentences, const std::vector<double>& weights) {
  std::vector<int> best(sentences, -1);
  std::vector<double> score(sentences);
  for (std::size_t e = 0; e < list.entries.size(); ++e) {
    const std::size_t sentence = list.entries[e].sentence;
    const double value = score_of(list.entries[e], weights);
    if (best[sentence] >= 0 && value <= score[sentence]) continue;
    best[sentence] = static_cast<int>(e);
    score[sentence] = value;
  }
  return best;
}

namespace {

constexpr int kReach = 4;  // steps to each side
constexpr int kHalvings = 6;

/// Moves one weight to the best of the values around it. Returns whether that made the quality higher.
template <typename Evaluate>
bool move_weight(std::vector<double>& weights, std::size_t f, double step, double& best, const Evaluate& evaluate) {
  const double old = weights[f];
  double to = old;
  for (int reach = 1; reach <= kReach; ++reach) {
    for (const int side : {1, -1}) {
      weights[f] = old + side * reach * step;
      const double value = evaluate(weights);
      if (value <= best) continue;
      best = value;
      to = weights[f];
    }
  }
  weights[f] = to;
  return to != old;
}

}  // namespace

TunedWeights tune_weights(const NbestList& list, std::size_t sentences, std::vector<double> weights,
                          const Quality& quality) {
  std::map<std::vector<int>, double> known;  // many weights choose the same entries
  const auto evaluate = [&](const std::vector<double>& of) {
    std::vector<int> chosen = best_entries(list, sentences, of);
    const auto found = known.find(chosen);
    if (found != known.end()) return found->second;
    const double value = quality(chosen);
    known.emplace(std::move(chosen), value);
    return value;
  };
  const double before = evaluate(weights);
  double best = before;
  for (int halvings = 0; halvings <= kHalvings; ++halvings) {
    const double step = std::ldexp(1.0, -halvings);
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t f = 0; f < weights.size(); ++f) moved = move_weight(weights, f, step, best, evaluate) || moved;
    }
  }
  return {std::move(weights), before, best};
}

}  // namespace heed::app
