#pragma once
#include <span>
#include <vector>

#include "heed/search/search.h"
#include "keeper.h"
#include "token_rules.h"

namespace heed {

/// A hypothesis that goes on.
struct Path {
  int sentence = 0;
  Progress progress = {};  // in the constraints of its sentence
};

/// How the hypotheses of a search go on: the rules of the search, the lengths and constraints of its sentences. What
/// beam search, greedy search and sampling share.
class Continuations {
 public:
  /// All must live as long as this.
  Continuations(StepScorer& scorer, std::span<const SearchSentence> sentences, const SearchOptions& options);

  Path start(int sentence) const { return {sentence, keepers_[sentence].start()}; }
  const Keeper& keeper(const Path& path) const { return keepers_[path.sentence]; }
  /// The most tokens of a target.
  int limit(const Path& path) const { return limits_[path.sentence]; }
  /// Whether collect() has to be given the tokens of a hypothesis.
  bool reads_tokens() const { return rules_.reads_history(); }

  /// The `best` continuations of a scorer's row, best first, by its `length`-th token; behind them those that lead on
  /// in the phrases that it must have. None is forbidden. `tokens`: what it has so far.
  std::span<const Continuation> collect(int row, const Path& path, std::span<const int> tokens, int length, int best);
  /// Whether those that were collected last are others than the scorer's own.
  bool are_changed(const Path& path) const { return !lowered_.empty() || keeper(path).constrains(); }
  Path after(const Path& path, int token) const;
  /// Whether a hypothesis of `length` tokens, the last of them `token`, goes on.
  bool goes_on(const Path& path, int token, int length) const;
  /// Whether one that the length limit ends keeps to the constraints.
  bool may_be_cut(const Path& after) const;

 private:
  void collect_permitted(int row, const Path& path, int best);
  void collect_only(int row, const Path& path, std::span<const int> tokens, int best);
  void collect_wanted(int row, const Path& path);

  StepScorer& scorer_;
  const SearchOptions& options_;
  TokenRules rules_;
  std::vector<Keeper> keepers_;  // of each sentence
  std::vector<int> limits_;      // tokens of the longest target,
  std::vector<int> least_;       // and of the shortest
  std::vector<LoweredToken> lowered_;
  std::vector<int> wanted_;
  std::vector<Continuation> found_;
};

}  // namespace heed
