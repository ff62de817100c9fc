#include <algorithm>
#include <numeric>

#include "heed/base/error.h"
#include "heed/search/constraints.h"

namespace heed {

// Breadth first, so that the children of a state lie together and need no pointers: the n-th token that is added leads
// to state n + 1.
TokenTrie::TokenTrie(std::vector<std::vector<int>> targets) {
  if (targets.empty()) throw UsageError("a closed set of targets has none");
  std::ranges::sort(targets);
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  struct Part {  // of the targets: those that go through a state
    std::size_t begin, end, depth;
  };
  std::vector<Part> level = {{0, targets.size(), 0}};
  while (!level.empty()) {
    std::vector<Part> deeper;
    for (Part part : level) {
      first_.push_back(static_cast<int>(tokens_.size()));
      const auto ended = [&](std::size_t i) { return targets[i].size() == part.depth; };
      while (part.begin < part.end && ended(part.begin)) ++part.begin;
      while (part.begin < part.end) {
        const int token = targets[part.begin][part.depth];
        std::size_t end = part.begin;
        while (end < part.end && targets[end][part.depth] == token) ++end;
        tokens_.push_back(token);
        deeper.push_back({part.begin, end, part.depth + 1});
        part.begin = end;
      }
    }
    level = std::move(deeper);
  }
  first_.push_back(static_cast<int>(tokens_.size()));
  first_.shrink_to_fit();
  tokens_.shrink_to_fit();
}

std::span<const int> TokenTrie::only(int state) const {
  const auto begin = static_cast<std::size_t>(first_[state]), end = static_cast<std::size_t>(first_[state + 1]);
  return std::span(tokens_).subspan(begin, end - begin);
}

int TokenTrie::next(int state, int token) const {
  const std::span<const int> children = only(state);
  const auto found = std::ranges::lower_bound(children, token);
  if (found == children.end() || *found != token) return kDead;
  return first_[state] + static_cast<int>(found - children.begin()) + 1;
}

}  // namespace heed
