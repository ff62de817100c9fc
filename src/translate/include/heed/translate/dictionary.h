#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

#include "heed/base/export.h"

namespace HEED_API heed {

/// What is put in place of an unknown word: translations of source words. Immutable, safe to share by threads.
class Dictionary {
 public:
  Dictionary() = default;
  /// Lines "source TAB target", UTF-8. Throws Error with file:line for a line without a tab, with an empty side, or
  /// with a source word that came before.
  static Dictionary load(const std::filesystem::path& path);

  /// What stands for a source token: its translation, or the token itself. A token's marks of joining (of the
  /// tokenizers `words` and `sentencepiece`) do not matter for the look-up, and stay.
  std::string translate(std::string_view token) const;

 private:
  const std::string* find(std::string_view word) const;

  std::unordered_map<std::string, std::string> words_;
};

}  // namespace heed
