#pragma once
#include <functional>
#include <span>
#include <vector>

#include "heed/search/search.h"

namespace heed {

/// What StepScorer::advance() reads.
struct StepTokens {
  std::vector<int> parents;
  std::vector<int> tokens;
};

/// A token whose log-probability is multiplied, and so falls; infinity: it is forbidden.
struct LoweredToken {
  int token;
  double factor;
};

/// A step of search under rules: SearchOptions::rules, and EOS where it is too early for it. Rules only lower known
/// tokens, so that the best k of a row are among its k + (those that are lowered) best before.
class TokenRules {
 public:
  explicit TokenRules(const SearchOptions& options) : rules_(options.rules), end_token_(options.end_token) {}

  /// Fills in the tokens of a row so far, if they are read; returns whether it may end now.
  using History = std::function<bool(std::size_t row, std::vector<int>* tokens)>;
  /// Advances the rows of a scorer. `out` gets k continuations of each, best first, of equals the lower token, those
  /// that are forbidden at minus infinity; the `best` that there are after the rules among them. Returns k.
  int advance(StepScorer& scorer, const StepTokens& step, int best, const History& history,
              std::vector<Continuation>& out);
  /// Those that are lowered behind the tokens of a hypothesis, in the order of tokens, each once.
  std::vector<LoweredToken> lowered(std::span<const int> tokens, bool may_end) const;

 private:
  bool reads_history() const { return rules_.no_repeat_ngram > 0 || rules_.repetition_penalty != 1; }

  const SearchRules& rules_;
  const int end_token_;
  std::vector<std::vector<LoweredToken>> rows_;
  std::vector<int> tokens_;
};

/// Lowers continuations of a row and puts them in order again.
void lower(std::span<const LoweredToken> lowered, std::span<Continuation> row);

}  // namespace heed
