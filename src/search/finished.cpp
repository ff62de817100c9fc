#include "finished.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "scores.h"

namespace heed {

Finished::Finished(const SearchOptions& options)
    : ranking_(options.ranking),
      width_(static_cast<std::size_t>(options.beam / options.groups)),
      most_(static_cast<std::size_t>(std::ceil(ranking_.patience * static_cast<double>(width_)))),
      wanted_(std::min(static_cast<std::size_t>(options.nbest), most_)) {}

void Finished::add(Hypothesis hypothesis) {
  if (std::ranges::find(best_, hypothesis.tokens, &Hypothesis::tokens) != best_.end()) return;
  const auto place = std::ranges::upper_bound(best_, hypothesis.score, std::ranges::greater(), &Hypothesis::score);
  best_.insert(place, std::move(hypothesis));
}

std::vector<Hypothesis> merged(std::span<Finished> groups) {
  for (Finished& other : groups.subspan(1)) {
    for (Hypothesis& one : other.best_) groups.front().add(std::move(one));
  }
  return std::move(groups.front().best_);
}

bool Finished::is_settled(double log_probability, int length, int limit) const {
  if (ranking_.stop == StopRule::kAll || best_.size() < wanted_) return false;
  const double reach = ranking_.stop == StopRule::kFirst
                           ? ranked_score(log_probability, length, ranking_)
                           : best_reachable_score(log_probability, length, limit, ranking_);
  return reach <= best_[wanted_ - 1].score;
}

}  // namespace heed
