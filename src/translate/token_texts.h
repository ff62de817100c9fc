#pragma once
#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/text/text_side.h"

namespace heed {

/// What a token adds to a text.
struct TokenText {
  std::string text = {};  // UTF-8, but for byte pieces, which may be a part of a character
  bool spaced = false;    // a space stands before it, unless it is the first or the one before joins
  bool joins = true;      // no space stands behind it
};

/// The texts of a target side's tokens, for constraints on the text whatever its tokens are. Immutable.
class TokenTexts {
 public:
  explicit TokenTexts(const TextSide& side);

  int size() const { return static_cast<int>(texts_.size()); }
  const TokenText& operator[](int token) const { return texts_[static_cast<std::size_t>(token)]; }
  /// What a token adds that need not be one of the side.
  TokenText read(std::string_view token) const;
  /// Whether a word may go on behind a token that is its end so far.
  bool may_go_on(bool joins) const { return joins ? any_continues_ : any_continues_attached_; }
  /// The tokens whose text begins with a byte, ascending, without the specials.
  std::span<const int> beginning_with(char byte) const { return by_byte_[static_cast<unsigned char>(byte)]; }
  /// Whether words have boundaries: not where characters are tokens.
  bool has_words() const { return has_words_; }
  /// Whether the first token begins with a space, which no text has.
  bool begins_with_space() const { return begins_with_space_; }
  /// [tokens] whether a letter or digit before a token and its first character are of one word.
  const std::shared_ptr<const std::vector<bool>>& continuing() const { return continuing_; }
  bool continues(const TokenText& text) const;
  /// [tokens] whether a token ends in a letter or digit, and no space stands between it and the next.
  const std::shared_ptr<const std::vector<bool>>& joining() const { return joining_; }
  bool joins_word(const TokenText& text) const;

 private:
  std::vector<TokenText> texts_;
  std::array<std::vector<int>, 256> by_byte_;
  bool has_pieces_;  // their texts have spaces in them; of other tokens marks tell where spaces stand
  bool has_bytes_;
  bool has_joiners_;
  bool any_continues_ = false;
  bool any_continues_attached_ = false;
  bool has_words_;
  bool begins_with_space_;
  std::shared_ptr<const std::vector<bool>> continuing_;
  std::shared_ptr<const std::vector<bool>> joining_;
};

/// The texts of a side, made when they are first asked for. Safe to share by threads.
class TokenTextsOnce {
 public:
  std::shared_ptr<const TokenTexts> of(const TextSide& side) {
    std::call_once(once_, [&] { texts_ = std::make_shared<TokenTexts>(side); });
    return texts_;
  }

 private:
  std::once_flag once_;
  std::shared_ptr<const TokenTexts> texts_;
};

/// A text as bytes, with kBoundary before each character that does not go on with a word.
class BoundedText {
 public:
  static constexpr char kBoundary = '\xff';  // no byte of UTF-8

  BoundedText(bool has_words, bool after_word) : has_words_(has_words), after_word_(after_word) {}
  void add(std::string_view text);
  const std::string& bytes() const { return bytes_; }
  /// Whether what was added last is a part of a word.
  bool after_word() const { return after_word_; }

 private:
  bool has_words_;
  bool after_word_;
  std::string bytes_;
};

}  // namespace heed
