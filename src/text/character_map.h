#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "preparation.h"

namespace heed {

/// The normalization that a SentencePiece model has in it (precompiled_charsmap): strings and what they are read as,
/// kept as a double-array trie (Darts-clone). The library reads that of any file unchecked; this does not leave it.
class CharacterMap {
 public:
  /// Nothing is changed.
  CharacterMap() = default;
  /// `kept`: strings that stay as they are, as pieces that the user defined do. Throws Error for a map that is damaged.
  CharacterMap(std::string_view charsmap, std::vector<std::string> kept);

  bool empty() const { return trie_.empty(); }
  /// The sentence must be UTF-8. The longest string that begins at a place is replaced.
  Prepared apply(std::string_view sentence) const;

 private:
  struct Match {
    std::size_t length = 0;  ///< 0: there is none
    std::string_view text;
  };
  Match longest(std::string_view text) const;
  std::size_t kept_length(std::string_view text) const;

  std::vector<std::uint32_t> trie_;
  std::string texts_;              // each ends with a NUL
  std::vector<std::string> kept_;  // the longest first
  std::array<bool, 256> begins_kept_{};
};

}  // namespace heed
