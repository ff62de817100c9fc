#include "history.h"

#include <algorithm>

namespace heed {

int History::add(int previous, const Continuation& taken, int attention) {
  nodes_.push_back({previous, taken, attention});
  return static_cast<int>(nodes_.size()) - 1;
}

int History::add_attention(const StepScorer& scorer, int rows) {
  const int first = static_cast<int>(attention_.size());
  for (int row = 0; row < rows; ++row) {
    attention_.push_back(scorer.attention(row));
  }
  return first;
}

void History::tokens(int leaf, std::vector<int>& out) const {
  out.clear();
  for (int node = leaf; node != kRoot; node = nodes_[node].previous) out.push_back(nodes_[node].taken.token);
  std::reverse(out.begin(), out.end());
}

Hypothesis History::trace(int leaf) const {
  std::vector<int> path;
  for (int node = leaf; node != kRoot; node = nodes_[node].previous) path.push_back(node);
  Hypothesis out;
  for (auto node = path.rbegin(); node != path.rend(); ++node) {
    const auto& [previous, taken, attention] = nodes_[*node];
    out.tokens.push_back(taken.token);
    out.copied.push_back(taken.copied);
    out.token_log_probabilities.push_back(taken.log_probability);
    out.log_probability += static_cast<double>(taken.log_probability);
    if (attention != kNoAttention && !attention_[attention].mean.empty()) {
      out.attention.push_back(attention_[attention]);
    }
  }
  return out;
}

}  // namespace heed
