#include "continuations.h"

#include <algorithm>

#include "scores.h"

namespace heed {

Continuations::Continuations(StepScorer& scorer, std::span<const SearchSentence> sentences,
                             const SearchOptions& options)
    : scorer_(scorer), options_(options), rules_(options) {
  for (const SearchSentence& sentence : sentences) {
    keepers_.emplace_back(sentence.constraints, options.end_token);
    limits_.push_back(max_target_length(sentence.source_length, options));
    least_.push_back(min_target_length(sentence.source_length, options));
  }
}

std::span<const Continuation> Continuations::collect(int row, const Path& path, std::span<const int> tokens, int length,
                                                     int best) {
  best = std::min(best, scorer_.vocabulary_size());
  const bool may_end = options_.forced_length == 0 && length >= least_[path.sentence];
  lowered_ = rules_.lowered(tokens, may_end);
  found_.clear();
  const Keeper& keeper = this->keeper(path);
  if (!keeper.constrains()) {
    append_best(scorer_, row, best, lowered_, found_);
    return found_;
  }
  const std::span<const int> only = keeper.only(path.progress);
  only.empty() ? collect_permitted(row, path, best) : collect_only(row, path, only, best);
  collect_wanted(row, path);
  return found_;
}

/// How many of a row's best continuations are not permitted is not known beforehand.
void Continuations::collect_permitted(int row, const Path& path, int best) {
  for (int asked = best;; asked *= 2) {
    found_.clear();
    append_best(scorer_, row, asked, lowered_, found_);
    const bool all = static_cast<int>(found_.size()) < asked || asked >= scorer_.vocabulary_size();
    std::erase_if(found_, [&](const Continuation& c) { return !keeper(path).permits(path.progress, c.token); });
    if (all || static_cast<int>(found_.size()) >= best) break;
  }
  if (static_cast<int>(found_.size()) > best) found_.resize(static_cast<std::size_t>(best));
}

void Continuations::collect_only(int row, const Path& path, std::span<const int> tokens, int best) {
  append_by(scorer_, row, tokens, lowered_, found_);
  std::erase_if(found_, [&](const Continuation& c) { return !keeper(path).permits(path.progress, c.token); });
  if (static_cast<int>(found_.size()) > best) found_.resize(static_cast<std::size_t>(best));
}

void Continuations::collect_wanted(int row, const Path& path) {
  wanted_.clear();
  keeper(path).add_wanted(path.progress, wanted_);
  std::ranges::sort(wanted_);
  wanted_.erase(std::unique(wanted_.begin(), wanted_.end()), wanted_.end());
  std::erase_if(wanted_, [&](int token) {
    return std::ranges::find(found_, token, &Continuation::token) != found_.end() ||
           !keeper(path).permits(path.progress, token);
  });
  append_by(scorer_, row, wanted_, lowered_, found_);
}

Path Continuations::after(const Path& path, int token) const {
  return {path.sentence, keeper(path).constrains() ? keeper(path).after(path.progress, token) : Progress()};
}

bool Continuations::goes_on(const Path& path, int token, int length) const {
  return token != options_.end_token && length < limit(path);
}

bool Continuations::may_be_cut(const Path& after) const {
  return !keeper(after).constrains() || keeper(after).permits(after.progress, options_.end_token);
}

}  // namespace heed
