#include "text_automata.h"

#include <algorithm>

#include "heed/base/error.h"
#include "heed/text/vocabulary.h"

namespace heed {

WithoutPhrases::WithoutPhrases(std::shared_ptr<const TokenTexts> texts, std::span<const std::string> phrases)
    : texts_(std::move(texts)), nodes_(1) {
  for (const std::string& phrase : phrases) {
    BoundedText bounded(texts_->has_words(), false);
    bounded.add(phrase);
    add(bounded.bytes() + BoundedText::kBoundary);
  }
  link();
}

void WithoutPhrases::add(std::string_view phrase) {
  int node = 0;
  for (const char byte : phrase) {
    const auto [found, added] = nodes_[node].children.try_emplace(byte, static_cast<int>(nodes_.size()));
    node = found->second;
    if (added) nodes_.emplace_back();
  }
  nodes_[node].ends = true;
}

/// Fallbacks, from the root outwards.
void WithoutPhrases::link() {
  std::vector<int> queue = {0};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const int node = queue[i];
    for (const auto& [byte, child] : nodes_[node].children) {
      nodes_[child].fallback = node == 0 ? 0 : step(nodes_[node].fallback, byte);
      nodes_[child].ends = nodes_[child].ends || nodes_[nodes_[child].fallback].ends;
      queue.push_back(child);
    }
  }
}

int WithoutPhrases::step(int node, char byte) const {
  for (;; node = nodes_[node].fallback) {
    const auto found = nodes_[node].children.find(byte);
    if (found != nodes_[node].children.end()) return found->second;
    if (node == 0) return 0;
  }
}

int WithoutPhrases::next(int state, int token) const {
  if (token != Vocabulary::kEnd) return read(state, (*texts_)[token]);
  return nodes_[step(state / 4, BoundedText::kBoundary)].ends ? kDead : 0;
}

// A state is a node, whether the last token joins, and whether the text ends in a word.
int WithoutPhrases::read(int state, const TokenText& text) const {
  int node = state / 4;
  BoundedText bounded(texts_->has_words(), state % 2 == 1);
  if (text.spaced && state % 4 < 2) bounded.add(" ");
  bounded.add(text.text);
  for (const char byte : bounded.bytes()) {
    node = step(node, byte);
    if (nodes_[node].ends) return kDead;
  }
  // Where the word cannot go on its end is certain.
  const bool goes_on = bounded.after_word() && texts_->may_go_on(text.joins);
  if (!goes_on && nodes_[step(node, BoundedText::kBoundary)].ends) return kDead;
  return node * 4 + (text.joins ? 2 : 0) + (bounded.after_word() ? 1 : 0);
}

WithPrefix::WithPrefix(std::shared_ptr<const TokenTexts> texts, const ExtendedVocabulary* words,
                       std::vector<int> tokens, const std::string& tail)
    : texts_(std::move(texts)), words_(words) {
  for (std::size_t i = 0; i < tokens.size(); ++i) states_.push_back({{tokens[i]}, {static_cast<int>(i) + 1}});
  if (tail.empty() && !states_.empty()) states_.back().next = {new_word()};
  if (!tail.empty()) add_tail(tail);
}

/// From its end, so that no state is entered from which the tail cannot be written.
void WithPrefix::add_tail(const std::string& tail) {
  const bool first = states_.empty();
  const std::string text = (first && !texts_->begins_with_space() ? "" : " ") + tail;
  const std::size_t begin = states_.size();
  states_.resize(begin + 2 * text.size());
  for (std::size_t n = text.size(); n-- > 0;) {
    const std::string_view rest = std::string_view(text).substr(n);
    const std::size_t at = begin + 2 * n;
    fill(states_[at], rest, first && n == 0, static_cast<int>(at));
    fill(states_[at + 1], rest, true, static_cast<int>(at));
  }
  if (states_[begin].tokens.empty()) throw Error("the model has no tokens for '" + tail + "'");
}

/// `at`: the first state behind as much of the tail.
void WithPrefix::fill(State& state, std::string_view rest, bool joined, int at) const {
  std::vector<int> tokens(texts_->beginning_with(rest.front()).begin(), texts_->beginning_with(rest.front()).end());
  if (rest.front() == ' ' && rest.size() > 1) {
    const std::span<const int> spaced = texts_->beginning_with(rest[1]);
    tokens.insert(tokens.end(), spaced.begin(), spaced.end());
    std::ranges::sort(tokens);
  }
  if (words_ != nullptr) {
    for (int word = texts_->size(); word < words_->size(); ++word) tokens.push_back(word);
  }
  for (const int token : tokens) {
    const TokenText one = text_of(token);
    std::string_view left = rest;
    if (one.spaced && !joined) {
      if (!left.starts_with(' ')) continue;
      left.remove_prefix(1);
    }
    int next = free();
    if (left.size() > one.text.size()) {
      if (!left.starts_with(one.text)) continue;
      const std::size_t taken = rest.size() - left.size() + one.text.size();
      next = at + static_cast<int>(2 * taken) + (one.joins ? 1 : 0);
      if (states_[next].tokens.empty()) continue;
    } else if (!one.text.starts_with(left)) {
      continue;
    }
    state.tokens.push_back(token);
    state.next.push_back(next);
  }
}

int WithPrefix::next(int state, int token) const {
  if (state == free()) return state;
  if (state == new_word()) {
    if (token == Vocabulary::kEnd) return free();
    const TokenText text = text_of(token);
    return text.spaced || text.text.starts_with(' ') ? free() : kDead;
  }
  const State& from = states_[state];
  const auto found = std::ranges::lower_bound(from.tokens, token);
  return found != from.tokens.end() && *found == token ? from.next[found - from.tokens.begin()] : kDead;
}

std::span<const int> WithPrefix::only(int state) const {
  return state < free() ? std::span<const int>(states_[state].tokens) : std::span<const int>();
}

}  // namespace heed
