#include "heed/text/spelling.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "heed/base/utf8.h"
#include "heed/text/escapes.h"

namespace heed {
namespace {

constexpr std::string_view kEos = "</s>";
constexpr std::string_view kContinued = "@@";  // subword-nmt

/// The token without the marks that say how it is joined.
std::string_view bare(std::string_view token) {
  while (token.starts_with(kSpaceMark)) token.remove_prefix(kSpaceMark.size());
  if (token.starts_with(kJoiner)) token.remove_prefix(kJoiner.size());
  if (token.ends_with(kJoiner)) token.remove_suffix(kJoiner.size());
  return token;
}

/// Without regard to case, whatever stands around a letter: a sigma is one at the end of a word too.
std::string folded(std::string_view text) {
  std::string out;
  for (const std::string_view c : utf8::chars(text)) {
    const std::string lower = utf8::lowercase(c);
    out += lower == "\u03c2" ? "\u03c3" : lower;
  }
  return out;
}

/// What a token may look like in the text: without marks, with its escapes undone, or as it is.
std::vector<std::string> spellings(std::string_view token) {
  if (is_space(token)) return {""};
  std::string plain(bare(token));
  std::vector<std::string> out = {plain};
  if (plain.starts_with(kEscapedJoiner)) plain.replace(0, kEscapedJoiner.size(), kJoiner);
  plain = unescape(unescape_word(plain));
  if (token == "\u2581\u2581") plain = kSpaceMark;
  if (plain != out.front()) out.insert(out.begin(), plain);
  if (token != out.front()) out.emplace_back(token);
  for (std::string& spelling : out) spelling = folded(spelling);
  return out;
}

/// Goes through a text token by token.
class Reader {
 public:
  explicit Reader(std::string_view sentence) : text_(folded(sentence)), words_(utf8::words(text_)) {}

  /// The word that the next token stands in; nothing if it does not stand where it should. Of what a token does not
  /// cover there is only white space.
  std::optional<int> take(std::string_view token) {
    while (at_ < text_.size() && utf8::separates_words(text_[at_])) ++at_;
    for (;;) {
      for (const std::string& spelling : spellings(token)) {
        if (text_.compare(at_, spelling.size(), spelling) != 0) continue;
        const int word = word_here();
        at_ += spelling.size();
        return word;
      }
      if (!skip_space()) return std::nullopt;
    }
  }
  bool at_end() {
    while (skip_space()) continue;
    return at_ == text_.size();
  }

 private:
  bool skip_space() {
    if (at_ == text_.size()) return false;
    const std::size_t length = utf8::char_length(text_, at_);
    if (!utf8::is_space(utf8::decode(std::string_view(text_).substr(at_, length)))) return false;
    at_ += length;
    return true;
  }
  int word_here() {
    while (next_ < words_.size() && words_[next_].data() <= text_.data() + at_) ++next_;
    return std::max(static_cast<int>(next_) - 1, 0);
  }

  std::string text_;
  std::vector<std::string_view> words_;  // of text_
  std::size_t at_ = 0;
  std::size_t next_ = 0;  // the first word that begins behind at_
};

/// Words by where the tokens stand in the text; nothing if one does not stand where it should.
std::optional<std::vector<int>> find_words(const std::string& sentence, const std::vector<std::string>& tokens) {
  if (utf8::first_invalid(sentence)) return std::nullopt;
  Reader reader(sentence);
  std::vector<int> words;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (is_eos(tokens, t)) {
      words.push_back(-1);
      continue;
    }
    if (utf8::first_invalid(tokens[t])) return std::nullopt;
    const std::optional<int> word = reader.take(tokens[t]);
    if (!word) return std::nullopt;
    words.push_back(*word);
  }
  if (!reader.at_end()) return std::nullopt;
  return words;
}

/// Words by the marks of the tokenizers.
std::vector<int> marked_words(const std::vector<std::string>& tokens) {
  const bool spaces = marks_spaces(tokens);
  std::vector<int> words;
  int word = -1;
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (is_eos(tokens, t)) {
      words.push_back(-1);
      continue;
    }
    if (word < 0 || begins_word(tokens[t], tokens[t - 1], spaces)) ++word;
    words.push_back(word);
  }
  return words;
}

std::string without(std::string_view mark, std::string_view text) {
  std::string out;
  for (std::size_t at; (at = text.find(mark)) != text.npos; text.remove_prefix(at + mark.size()))
    out += text.substr(0, at);
  return out.append(text);
}

}  // namespace

bool is_eos(const std::vector<std::string>& tokens, std::size_t t) {
  return t + 1 == tokens.size() && tokens[t] == kEos;
}

bool is_space(std::string_view token) {
  return token == kSpaceMark || std::all_of(token.begin(), token.end(), utf8::separates_words);
}

bool is_piece(std::string_view token) {
  return (token.size() > kSpaceMark.size() && token.starts_with(kSpaceMark)) ||
         (token.size() > kContinued.size() && token.ends_with(kContinued));
}

std::string word_label(std::span<const std::string> tokens) {
  std::string label;
  for (const std::string_view token : tokens) {
    const bool continued = token.size() > kContinued.size() && token.ends_with(kContinued);
    label += token.substr(0, token.size() - (continued ? kContinued.size() : 0));
  }
  std::string bare = without(kJoiner, without(kSpaceMark, label));
  return bare.empty() ? label : bare;
}

bool marks_spaces(std::span<const std::string> tokens) {
  return std::any_of(tokens.begin(), tokens.end(), [](const auto& token) { return token.starts_with(kSpaceMark); });
}

bool begins_word(std::string_view token, std::string_view before, bool spaces) {
  if (spaces) return token.starts_with(kSpaceMark);
  return !token.starts_with(kJoiner) && !before.ends_with(kJoiner) && !before.ends_with(kContinued);
}

std::vector<int> words_by_spelling(const std::string& text, const std::vector<std::string>& tokens) {
  if (const auto found = find_words(text, tokens)) return *found;
  return marked_words(tokens);
}

}  // namespace heed
