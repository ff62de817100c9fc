#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "heed/search/search.h"

namespace heed {

/// The finished hypotheses of a beam, and how many more it follows.
class Finished {
 public:
  /// The options must live as long as this.
  explicit Finished(const SearchOptions& options);

  /// How many hypotheses may go on.
  std::size_t room() const {
    if (best_.size() >= most_) return 0;
    return most_ < width_ ? width_ : std::min(width_, most_ - best_.size());
  }
  /// What the limit cut has its place among the others: it is said to be cut, and a poor answer that happens to end is
  /// no better for that. Each once.
  void add(Hypothesis hypothesis);
  /// Whether nothing that goes on is needed: the best of it has that log-probability and `length` tokens, and may get
  /// `limit`.
  bool is_settled(double log_probability, int length, int limit) const;

 private:
  friend std::vector<Hypothesis> merged(std::span<Finished> groups);

  const Ranking& ranking_;
  std::size_t width_;             // of the beam
  std::size_t most_;              // hypotheses that are followed to their end
  std::size_t wanted_;            // of these those that the stopping rule looks at
  std::vector<Hypothesis> best_;  // first, of equals the one found first
};

/// Takes those of the groups of a beam, best first.
std::vector<Hypothesis> merged(std::span<Finished> groups);

}  // namespace heed
