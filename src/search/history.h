#pragma once
#include <vector>

#include "heed/search/search.h"

namespace heed {

/// What the hypotheses of a search have taken so far, as a tree: hypotheses with a common beginning share its nodes,
/// and those that continue the same row share its attention.
class History {
 public:
  static constexpr int kRoot = -1;  ///< BOS
  static constexpr int kNoAttention = -1;

  /// Adds a token behind `previous` (a node or kRoot) and returns its node.
  int add(int previous, const Continuation& taken, int attention);
  /// Keeps the attention of the scorer's rows; row r has the id returned + r.
  int add_attention(const StepScorer& scorer, int rows);
  /// The tokens of the hypothesis that ends in `leaf`.
  void tokens(int leaf, std::vector<int>& out) const;
  /// Fills all but the score of the hypothesis that ends in `leaf`.
  Hypothesis trace(int leaf) const;

 private:
  struct Node {
    int previous;
    Continuation taken;
    int attention;
  };
  std::vector<Node> nodes_;
  std::vector<AttentionRow> attention_;
};

}  // namespace heed
