#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Stands for a space in pieces, and among characters.
inline constexpr std::string_view kSpaceMark = "\u2581";
/// Where no space stood between two words, and what stands for one that the sentence has itself.
inline constexpr std::string_view kJoiner = "\uffed";
inline constexpr std::string_view kEscapedJoiner = "&#65517;";

/// A sentence without the characters that SentencePiece keeps for itself, U+2581 and U+2585. Noncharacters of Unicode
/// stand in their place, U+FDD1 and U+FDD2; one of these, or U+FDD0, that the sentence has itself gets a U+FDD0 before.
struct Escaped {
  std::string text;
  std::vector<std::size_t> inserted;  ///< where in `text` a U+FDD0 was put in, in order

  /// The place in the sentence of one in `text`.
  std::size_t origin(std::size_t place) const;
};

Escaped escape(std::string_view sentence);
/// Undoes escape(), part by part: an escape may begin in one and end in the next.
class Unescaper {
 public:
  /// Adds the text to `out`, which must outlive this.
  explicit Unescaper(std::string& out) : out_(out) {}
  void add(std::string_view text);

 private:
  std::string& out_;
  bool literal_ = false;  // the character that comes next stands for itself
};
std::string unescape(std::string_view text);

/// A word that looks like a special of the vocabulary ("</s>") has "&#60;" for its first character, and one that looks
/// like such an escape "&#38;" before it: no token that is made of text is a special.
std::string escape_word(std::string_view word);
std::string unescape_word(std::string_view token);

}  // namespace heed
