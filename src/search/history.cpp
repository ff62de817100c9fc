#include "history.h"

#include <algorithm>

namespace heed {

int History::add(int previous, int token, bool copied, int attention) {
  nodes_.push_back({previous, token, copied, attention});
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
  for (int node = leaf; node != kRoot; node = nodes_[node].previous) out.push_back(nodes_[node].token);
  std::reverse(out.begin(), out.end());
}

void History::trace(int leaf, Hypothesis& out) const {
  for (int node = leaf; node != kRoot; node = nodes_[node].previous) {
    out.tokens.push_back(nodes_[node].token);
    out.copied.push_back(nodes_[node].copied);
    const int attention = nodes_[node].attention;
    if (attention != kNoAttention && !attention_[attention].mean.empty())
      out.attention.push_back(attention_[attention]);
  }
  std::reverse(out.tokens.begin(), out.tokens.end());
  std::reverse(out.copied.begin(), out.copied.end());
  std::reverse(out.attention.begin(), out.attention.end());
}

}  // namespace heed
