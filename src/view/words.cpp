#include "words.h"

#include <span>

#include "heed/text/spelling.h"

namespace heed::view {
namespace {

/// label(tokens of a group) for each.
template <typename Label>
std::vector<std::string> labels_of(const std::vector<std::string>& tokens, const std::vector<int>& groups,
                                   const Label& label) {
  std::vector<std::string> labels;
  for (std::size_t t = 0; t < tokens.size();) {
    const std::size_t begin = t;
    while (t < tokens.size() && groups[t] == groups[begin]) ++t;
    labels.push_back(label(std::span(tokens).subspan(begin, t - begin)));
  }
  return labels;
}

std::string joined(std::span<const std::string> tokens) {
  std::string out;
  for (const std::string& token : tokens) out += token;
  return out;
}

}  // namespace

std::vector<int> groups_of(const std::vector<int>& words) {
  std::vector<int> groups;
  for (std::size_t t = 0; t < words.size(); ++t) {
    const bool joined = t > 0 && words[t] >= 0 && words[t] == words[t - 1];
    groups.push_back(t == 0 ? 0 : groups.back() + (joined ? 0 : 1));
  }
  return groups;
}

std::vector<std::string> merge_labels(const std::vector<std::string>& tokens, const std::vector<int>& groups) {
  return labels_of(tokens, groups, word_label);
}

std::vector<std::string> join_labels(const std::vector<std::string>& tokens, const std::vector<int>& groups) {
  return labels_of(tokens, groups, joined);
}

BranchWords branch_words(const SearchTrace& trace, const std::vector<std::string>& tokens) {
  const bool spaces = marks_spaces(tokens);
  BranchWords out;
  std::vector<std::vector<std::string>> parts;  // of each candidate's word, up to it
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const int parent = trace.candidates[i].parent;
    const std::vector<std::string> own = {tokens[i]};
    if (is_eos(own, 0)) {
      out.words.push_back(-1);
      parts.push_back(own);
    } else if (parent < 0) {
      out.words.push_back(0);
      parts.push_back(own);
    } else if (begins_word(tokens[i], tokens[static_cast<std::size_t>(parent)], spaces)) {
      out.words.push_back(out.words[static_cast<std::size_t>(parent)] + 1);
      parts.push_back(own);
    } else {
      out.words.push_back(out.words[static_cast<std::size_t>(parent)]);
      parts.push_back(parts[static_cast<std::size_t>(parent)]);
      parts.back().push_back(tokens[i]);
    }
    out.labels.push_back(word_label(parts.back()));
  }
  return out;
}

}  // namespace heed::view
