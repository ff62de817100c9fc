#include "keeper.h"

#include <algorithm>

namespace heed {

int Keeper::Way::step(int matched, int token, bool may_begin) const {
  if (matched == static_cast<int>(tokens.size())) matched = fallback[matched - 1];
  while (matched > 0 && tokens[matched] != token) matched = fallback[matched - 1];
  return tokens[matched] == token && (matched > 0 || may_begin) ? matched + 1 : 0;
}

Keeper::Keeper(const Constraints& constraints, int end_token) : constraints_(&constraints), end_token_(end_token) {
  for (const Phrase& phrase : constraints.must) {
    Ways& ways = phrases_.emplace_back(Ways{ways_.size(), ways_.size(), 0, phrase.ends_word, phrase.begins_word});
    for (const std::vector<int>& tokens : phrase.ways) {
      Way way{tokens, {0}};
      for (std::size_t n = 1; n < tokens.size(); ++n) {
        const bool may_begin = !(phrase.begins_word && joins(tokens[n - 1]));
        way.fallback.push_back(way.step(way.fallback[n - 1], tokens[n], may_begin));
      }
      ways_.push_back(std::move(way));
      ways.last = ways_.size();
      ways.length = std::max(ways.length, static_cast<int>(tokens.size()));
    }
  }
}

Progress Keeper::start() const {
  Progress out(constraints_->automata.size() + ways_.size(), 0);
  out.push_back(kNone);
  return out;
}

/// Whether the word that a token ends in goes on with the next token's.
bool Keeper::joins(int token) const {
  const std::vector<bool>* joining = constraints_->joining.get();
  return joining != nullptr && token != kNone && token < static_cast<int>(joining->size()) && (*joining)[token];
}

bool Keeper::continues(int token) const {
  const std::vector<bool>* continuing = constraints_->continuing.get();
  return continuing != nullptr && token != end_token_ && token < static_cast<int>(continuing->size()) &&
         (*continuing)[token];
}

/// Whether a phrase has occurred if `next` follows: its last token may not be a word's beginning.
bool Keeper::has_occurred(const Ways& phrase, const Progress& progress, int next) const {
  const std::size_t automata = constraints_->automata.size();
  for (std::size_t w = phrase.first; w < phrase.last; ++w) {
    const int matched = progress[automata + w];
    if (matched == kMet) return true;
    const bool complete = matched == static_cast<int>(ways_[w].tokens.size());
    if (complete && !(phrase.ends_word && continues(next))) return true;
  }
  return false;
}

bool Keeper::permits(const Progress& progress, int token) const {
  for (std::size_t a = 0; a < constraints_->automata.size(); ++a) {
    if (constraints_->automata[a]->next(progress[a], token) == TokenAutomaton::kDead) return false;
  }
  return token != end_token_ ||
         std::ranges::all_of(phrases_, [&](const Ways& phrase) { return has_occurred(phrase, progress, token); });
}

Progress Keeper::after(const Progress& progress, int token) const {
  Progress out;
  const std::size_t automata = constraints_->automata.size();
  for (std::size_t a = 0; a < automata; ++a) {
    out.push_back(constraints_->automata[a]->next(progress[a], token));
  }
  for (const Ways& phrase : phrases_) {
    const bool met = has_occurred(phrase, progress, token);
    const bool may_begin = !(phrase.begins_word && joins(progress.back()));
    for (std::size_t w = phrase.first; w < phrase.last; ++w) {
      out.push_back(met ? kMet : ways_[w].step(progress[automata + w], token, may_begin));
    }
  }
  out.push_back(token);
  return out;
}

std::span<const int> Keeper::only(const Progress& progress) const {
  std::span<const int> fewest;
  for (std::size_t a = 0; a < constraints_->automata.size(); ++a) {
    const std::span<const int> tokens = constraints_->automata[a]->only(progress[a]);
    if (!tokens.empty() && (fewest.empty() || tokens.size() < fewest.size())) fewest = tokens;
  }
  return fewest;
}

void Keeper::add_wanted(const Progress& progress, std::vector<int>& out) const {
  const std::size_t automata = constraints_->automata.size();
  for (const Ways& phrase : phrases_) {
    if (has_occurred(phrase, progress, end_token_)) continue;
    for (std::size_t w = phrase.first; w < phrase.last; ++w) out.push_back(ways_[w].tokens[progress[automata + w]]);
  }
}

int Keeper::tokens_met(const Progress& progress) const {
  int met = 0;
  for (const Ways& phrase : phrases_) {
    const auto first = progress.begin() + static_cast<std::ptrdiff_t>(constraints_->automata.size() + phrase.first);
    const auto last = first + static_cast<std::ptrdiff_t>(phrase.last - phrase.first);
    met += has_occurred(phrase, progress, end_token_) ? phrase.length : *std::max_element(first, last);
  }
  return met;
}

}  // namespace heed
