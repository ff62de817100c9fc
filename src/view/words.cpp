#include "words.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "heed/base/utf8.h"
#include "heed/view/viewed_sentence.h"

namespace heed {
namespace {

constexpr std::string_view kEndMark = "</s>";
constexpr std::string_view kSpaceMark = "\u2581";
constexpr std::string_view kJoiner = "\uffed";
constexpr std::string_view kContinued = "@@";  // subword-nmt

bool is_end(const std::vector<std::string>& tokens, std::size_t t) {
  return t + 1 == tokens.size() && tokens[t] == kEndMark;
}

/// The token without the marks that say how it is joined.
std::string_view bare(std::string_view token) {
  while (token.starts_with(kSpaceMark)) token.remove_prefix(kSpaceMark.size());
  if (token.starts_with(kJoiner)) token.remove_prefix(kJoiner.size());
  if (token.ends_with(kJoiner)) token.remove_suffix(kJoiner.size());
  return token;
}

bool is_separator(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Words by where the tokens stand in the text; nothing if one does not stand where it should.
std::optional<std::vector<int>> find_words(const std::string& sentence, const std::vector<std::string>& tokens) {
  if (utf8::first_invalid(sentence)) return std::nullopt;
  const std::string text = utf8::lowercase(sentence);
  std::vector<int> words;
  int word = -1;
  bool inside = false;
  std::size_t at = 0;
  const auto skip_spaces = [&] {
    for (; at < text.size() && is_separator(text[at]); ++at) inside = false;
  };
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (is_end(tokens, t)) {
      words.push_back(-1);
      continue;
    }
    if (utf8::first_invalid(tokens[t])) return std::nullopt;
    const std::string token = utf8::lowercase(bare(tokens[t]));
    skip_spaces();
    if (text.compare(at, token.size(), token) != 0) return std::nullopt;
    if (!inside && at < text.size()) ++word;
    inside = true;
    at += token.size();
    words.push_back(std::max(word, 0));
  }
  skip_spaces();
  if (at != text.size()) return std::nullopt;
  return words;
}

/// Words by the marks of the tokenizers.
std::vector<int> marked_words(const std::vector<std::string>& tokens) {
  const auto has_mark = [](const std::string& token) { return token.starts_with(kSpaceMark); };
  const bool pieces = std::any_of(tokens.begin(), tokens.end(), has_mark);
  std::vector<int> words;
  int word = -1;
  bool joined = false;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (is_end(tokens, t)) {
      words.push_back(-1);
      continue;
    }
    const std::string& token = tokens[t];
    const bool begins = pieces ? has_mark(token) : !joined && !token.starts_with(kJoiner);
    if (begins || word < 0) ++word;
    words.push_back(word);
    joined = token.ends_with(kJoiner) || token.ends_with(kContinued);
  }
  return words;
}

void erase_all(std::string& text, const std::string& mark) {
  for (std::size_t at; (at = text.find(mark)) != text.npos;) text.erase(at, mark.size());
}

}  // namespace

std::vector<int> words_of(const std::string& text, const std::vector<std::string>& tokens) {
  if (const auto found = find_words(text, tokens)) return *found;
  return marked_words(tokens);
}

namespace view {

std::vector<int> groups_of(const std::vector<int>& words) {
  std::vector<int> groups;
  for (std::size_t t = 0; t < words.size(); ++t) {
    const bool joined = t > 0 && words[t] >= 0 && words[t] == words[t - 1];
    groups.push_back(t == 0 ? 0 : groups.back() + (joined ? 0 : 1));
  }
  return groups;
}

std::vector<std::string> merge_labels(const std::vector<std::string>& tokens, const std::vector<int>& groups) {
  std::vector<std::string> labels(groups.empty() ? 0 : static_cast<std::size_t>(groups.back()) + 1);
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    std::string token = tokens[t];
    const bool continued = token.size() > 2 && token.ends_with("@@");
    if (continued) token.resize(token.size() - 2);
    labels[static_cast<std::size_t>(groups[t])] += token;
  }
  for (std::string& label : labels) {
    const std::string whole = label;
    for (const char* mark : {"\u2581", "\uffed"}) erase_all(label, mark);
    if (label.empty()) label = whole;
  }
  return labels;
}

}  // namespace view
}  // namespace heed
