#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

/// A token's count in a text.
struct TokenCount {
  std::string_view token;
  long count = 0;
};

/// Tokens and their ids. The first three are fixed.
class Vocabulary {
 public:
  static constexpr int kUnknown = 0;
  static constexpr int kBegin = 1;
  static constexpr int kEnd = 2;
  static constexpr int kSpecials = 3;

  Vocabulary();  ///< the specials only
  /// The symbols, and the most frequent tokens, ties in byte order, up to the `limit` (specials included; 0 = all).
  static Vocabulary from_counts(const std::vector<TokenCount>& counts, int limit, int min_count = 1,
                                const std::vector<std::string>& symbols = {});
  /// The tokens in the order of their ids, the specials first. Throws Error (with `name`:line, line = id + 1) for a
  /// duplicate, an empty token, one with a line break, invalid UTF-8, or missing specials.
  static Vocabulary from_tokens(std::vector<std::string> tokens, const std::string& name);
  /// One token a line, line number = id, as to_text() writes it. Checked like from_tokens(); also, the last line must
  /// end with a line feed, so that a truncated file is refused.
  static Vocabulary from_text(std::string_view text, const std::string& name);
  /// Somebody's list: one token a line, with our specials in the first three lines or nowhere. Throws Error with
  /// `name`:line for what from_tokens() refuses, and for a blank in a token.
  static Vocabulary from_list(std::string_view text, const std::string& name);
  std::string to_text() const;
  /// Adds those that it lacks.
  void add_missing(const std::vector<std::string>& tokens);

  /// <unk>, <s> or </s>.
  static bool is_special(std::string_view token);
  int size() const { return static_cast<int>(tokens_.size()); }
  int id(std::string_view token) const;  ///< kUnknown if it is missing
  /// Throws Error for an id out of range.
  const std::string& token(int id) const;
  const std::vector<std::string>& tokens() const { return tokens_; }

 private:
  void add(std::string token);
  /// from_tokens() of tokens of which the first stands in that line.
  static Vocabulary from_lines(std::vector<std::string> tokens, const std::string& name, int first_line);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int, Hash, std::equal_to<>> ids_;
};

}  // namespace heed
