#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

#include "heed/base/export.h"

namespace HEED_API heed {

/// Translations of source words, which replace <unk>. Immutable, safe to share by threads.
class Dictionary {
 public:
  Dictionary() = default;
  /// Lines "source TAB target", UTF-8. Throws Error with file:line for a line without a tab, with an empty side, or
  /// with a repeated source word.
  static Dictionary load(const std::filesystem::path& path);

  /// A source token's translation, or the token itself. Joiner marks (of the tokenizers `words` and `sentencepiece`)
  /// are ignored in the look-up, and kept.
  std::string translate(std::string_view token) const;

 private:
  const std::string* find(std::string_view word) const;

  std::unordered_map<std::string, std::string> words_;
};

}  // namespace heed
