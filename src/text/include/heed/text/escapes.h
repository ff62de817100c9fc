#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A space in pieces, and among characters.
inline constexpr std::string_view kSpaceMark = "\u2581";
/// Joins words without a space between; and its escape where the sentence has it literally.
inline constexpr std::string_view kJoiner = "\uffed";
inline constexpr std::string_view kEscapedJoiner = "&#65517;";

/// A sentence with SentencePiece's reserved characters U+2581 and U+2585 replaced by the noncharacters U+FDD1 and
/// U+FDD2; a literal U+FDD0, U+FDD1 or U+FDD2 gets a U+FDD0 before it.
struct Escaped {
  std::string text;
  std::vector<std::size_t> inserted;  ///< where in `text` a U+FDD0 was inserted, in order

  /// The place in the sentence of one in `text`.
  std::size_t origin(std::size_t place) const;
};

Escaped escape(std::string_view sentence);
/// Undoes escape() part by part: an escape may span two parts.
class Unescaper {
 public:
  /// Adds the text to `out`, which must outlive this.
  explicit Unescaper(std::string& out) : out_(out) {}
  void add(std::string_view text);

 private:
  std::string& out_;
  bool literal_ = false;  // the next character is literal
};
std::string unescape(std::string_view text);

/// Escapes a word that equals a special of the vocabulary: its '<' becomes "&#60;"; a word that looks like such an
/// escape gets "&#38;" before it. So no token made of text is a special.
std::string escape_word(std::string_view word);
std::string unescape_word(std::string_view token);

}  // namespace heed
