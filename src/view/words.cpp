#include "words.h"

#include <span>

#include "heed/text/spelling.h"

namespace heed::view {

std::vector<int> groups_of(const std::vector<int>& words) {
  std::vector<int> groups;
  for (std::size_t t = 0; t < words.size(); ++t) {
    const bool joined = t > 0 && words[t] >= 0 && words[t] == words[t - 1];
    groups.push_back(t == 0 ? 0 : groups.back() + (joined ? 0 : 1));
  }
  return groups;
}

std::vector<std::string> merge_labels(const std::vector<std::string>& tokens, const std::vector<int>& groups) {
  std::vector<std::string> labels;
  for (std::size_t t = 0; t < tokens.size();) {
    const std::size_t begin = t;
    while (t < tokens.size() && groups[t] == groups[begin]) ++t;
    labels.push_back(word_label(std::span(tokens).subspan(begin, t - begin)));
  }
  return labels;
}

}  // namespace heed::view
