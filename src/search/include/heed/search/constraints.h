#pragma once
#include <memory>
#include <span>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A set of targets that a search keeps to, read token by token: a prefix, a closed set, what must not be said. States
/// are numbers from 0, the first one.
class TokenAutomaton {
 public:
  static constexpr int kDead = -1;

  virtual ~TokenAutomaton() = default;
  /// The state after a token, kDead if the token is not allowed. EOS asks whether a target may end there.
  virtual int next(int state, int token) const = 0;
  /// The tokens that may follow, ascending, where they are few; empty: next() has to be asked.
  virtual std::span<const int> only(int) const { return {}; }
};

/// A closed set of targets as a trie: 8 bytes for each token that targets do not share. Immutable, safe to share by
/// threads.
class TokenTrie : public TokenAutomaton {
 public:
  /// Each target with EOS at its end; at least one.
  explicit TokenTrie(std::vector<std::vector<int>> targets);

  int next(int state, int token) const override;
  std::span<const int> only(int state) const override;
  std::size_t bytes() const { return (first_.size() + tokens_.size()) * sizeof(int); }

 private:
  std::vector<int> first_;   // of each state: the place of its first child; one more at the end
  std::vector<int> tokens_;  // of each child, whose state is its place + 1; those of a state lie together, ascending
};

/// A phrase that a target must have: one of some sequences of tokens, without a gap.
struct Phrase {
  std::vector<std::vector<int>> ways;
  bool ends_word = true;    ///< no token of Constraints::continuing may follow
  bool begins_word = true;  ///< none of Constraints::joining may stand before it
};

/// What the targets of one sentence must and must not be.
struct Constraints {
  std::vector<std::shared_ptr<const TokenAutomaton>> automata = {};  ///< all of them hold
  std::vector<Phrase> must = {};                                     ///< all of them occur
  /// [tokens] whether one goes on with the word before it. nullptr: none does.
  std::shared_ptr<const std::vector<bool>> continuing = nullptr;
  /// [tokens] whether a word goes on behind one, if the next token is of a word. nullptr: behind none.
  std::shared_ptr<const std::vector<bool>> joining = nullptr;

  bool empty() const { return automata.empty() && must.empty(); }
};

}  // namespace heed
