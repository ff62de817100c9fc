#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

/// Strings that are one token each wherever they stand (TextOptions::symbols).
class Symbols {
 public:
  /// Throws UsageError as check_symbols() does.
  explicit Symbols(const std::vector<std::string>& symbols);
  bool empty() const { return longest_ == 0; }
  /// Bytes of the longest.
  std::size_t longest() const { return longest_; }
  /// The length of the longest that begins at text[at]; 0: none does.
  std::size_t match(std::string_view text, std::size_t at) const;

 private:
  std::array<std::vector<std::string>, 256> by_first_byte_;  // each the longest first
  std::size_t longest_ = 0;
};

}  // namespace heed
