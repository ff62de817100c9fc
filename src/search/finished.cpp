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

bool Finished::is_settled(double log_probability, int length, int limit) const {
  if (ranking_.stop == StopRule::kAll || best_.size() < wanted_) return false;
  return ranking_.stop == StopRule::kFirst ||
         best_reachable_score(log_probability, length, limit, ranking_) <= best_[wanted_ - 1].score;
}

}  // namespace heed
