#pragma once
#include <algorithm>
#include <vector>

#include "heed/search/search.h"

namespace heed {

/// The finished hypotheses of a beam, and how many more it follows.
class Finished {
 public:
  /// The options must live as long as this.
  explicit Finished(const SearchOptions& options);

  /// How many hypotheses may go on.
  std::size_t room() const { return std::min(width_, most_ - best_.size()); }
  /// What the limit cut has its place among the others: it is said to be cut, and a poor answer that happens to end is
  /// no better for that. Each once.
  void add(Hypothesis hypothesis);
  /// Whether nothing that goes on is needed; the best of it has `length` of at most `limit` tokens.
  bool is_settled(double log_probability, int length, int limit) const;
  /// Best first, of equals the one found first.
  std::vector<Hypothesis>& best() { return best_; }

 private:
  const Ranking& ranking_;
  std::size_t width_;   // of the beam
  std::size_t most_;    // hypotheses that are followed to their end
  std::size_t wanted_;  // of these those that the stopping rule looks at
  std::vector<Hypothesis> best_;
};

}  // namespace heed
