#pragma once
#include <span>
#include <vector>

#include "heed/search/search.h"

namespace heed {

/// A token whose log-probability is multiplied, and so falls; infinity: it is forbidden.
struct LoweredToken {
  int token;
  double factor;
};

/// Which tokens SearchOptions::rules lower, and EOS where it is too early for it.
class TokenRules {
 public:
  explicit TokenRules(const SearchOptions& options) : rules_(options.rules), end_token_(options.end_token) {}

  /// Whether they depend on the tokens so far.
  bool reads_history() const { return rules_.no_repeat_ngram > 0 || rules_.repetition_penalty != 1; }
  /// Those that are lowered behind the tokens of a hypothesis, in the order of tokens, each once.
  std::vector<LoweredToken> lowered(std::span<const int> tokens, bool may_end) const;

 private:
  const SearchRules& rules_;
  const int end_token_;
};

/// Lowers continuations of a row and puts them in order again, best first, of equals the lower token.
void lower(std::span<const LoweredToken> lowered, std::span<Continuation> row);

/// Appends the `best` continuations of a row of the scorer after some are lowered, without those that are forbidden.
/// Since only these fall, the best are among as many more of its best before.
void append_best(StepScorer& scorer, int row, int best, std::span<const LoweredToken> lowered,
                 std::vector<Continuation>& out);
/// The same of a row's continuations by given tokens.
void append_by(StepScorer& scorer, int row, std::span<const int> tokens, std::span<const LoweredToken> lowered,
               std::vector<Continuation>& out);

}  // namespace heed
