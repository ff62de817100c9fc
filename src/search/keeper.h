#pragma once
#include <span>
#include <vector>

#include "heed/search/search.h"

namespace heed {

/// How far a hypothesis has got: a state of each automaton, then of each way of each phrase the tokens that its last
/// ones have of it, kMet in all of them once the phrase has occurred; and the last token. Empty without constraints.
using Progress = std::vector<int>;

/// Keeps the hypotheses of a sentence to its constraints.
class Keeper {
 public:
  /// The constraints must live as long as this.
  Keeper(const Constraints& constraints, int end_token);

  bool constrains() const { return !constraints_->empty(); }
  Progress start() const;
  /// Whether a token may follow. EOS may not before all phrases have occurred.
  bool permits(const Progress& progress, int token) const;
  Progress after(const Progress& progress, int token) const;
  /// TokenAutomaton::only() of the automaton that has the fewest; empty: any of permits().
  std::span<const int> only(const Progress& progress) const;
  /// Appends the tokens that lead on in phrases that have not occurred.
  void add_wanted(const Progress& progress, std::vector<int>& out) const;
  /// Whether there are phrases.
  bool counts() const { return !phrases_.empty(); }
  /// How many tokens of all phrases it has.
  int tokens_met(const Progress& progress) const;

 private:
  static constexpr int kMet = -1;
  static constexpr int kNone = -1;  // no last token
  /// A way of a phrase, as Knuth, Morris and Pratt 1977 look for it.
  struct Way {
    std::span<const int> tokens;
    /// [n]: the longest proper beginning that its first n + 1 tokens end in, and that may stand there
    std::vector<int> fallback;
    int step(int matched, int token, bool may_begin) const;
  };
  struct Ways {
    std::size_t first, last;  // of ways_
    int length;               // of the longest
    bool ends_word;
    bool begins_word;
  };
  bool has_occurred(const Ways& phrase, const Progress& progress, int next) const;
  bool continues(int token) const;
  bool joins(int token) const;

  const Constraints* constraints_;
  int end_token_;
  std::vector<Way> ways_;
  std::vector<Ways> phrases_;
};

}  // namespace heed
