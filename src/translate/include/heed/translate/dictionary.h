#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

#include "heed/base/export.h"

namespace HEED_API heed {

/// Translations of source words and phrases, which replace <unk>. Immutable, safe to share by threads.
class Dictionary {
 public:
  static constexpr std::size_t kMostWords = 16;  ///< of a phrase; each mark between letters and digits is one

  Dictionary() = default;
  /// Lines "source TAB target", UTF-8. Throws Error with file:line for a line without a tab, with an empty side, with a
  /// phrase of more words, or with a repeated source word or phrase.
  static Dictionary load(const std::filesystem::path& path);

  /// A source token's translation, or the token itself. Joiner marks (of the tokenizers `words` and `sentencepiece`)
  /// are ignored in the look-up, and kept.
  std::string translate(std::string_view token) const;

  /// The translation of a word or phrase; nullptr: there is none.
  const std::string* find(std::string_view phrase) const;
  /// Bytes of the longest phrase.
  std::size_t longest() const { return longest_; }

 private:
  std::unordered_map<std::string, std::string> words_;
  std::size_t longest_ = 0;
};

}  // namespace heed
