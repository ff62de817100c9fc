#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace heed {

/// Tokens and their ids. The first three are fixed.
class Vocabulary {
 public:
  static constexpr int kUnknown = 0;
  static constexpr int kBegin = 1;
  static constexpr int kEnd = 2;
  static constexpr int kSpecials = 3;

  Vocabulary();  ///< the specials only
  /// The `limit` most frequent tokens (specials included; 0 = all), ties in byte order; `counts` from token to frequency.
  static Vocabulary from_counts(const std::unordered_map<std::string, long>& counts, int limit, int min_count = 1);
  /// One token a line, line number = id, as to_text() writes it. Throws Error (with `name`:line) for a duplicate, an
  /// empty line, or missing specials.
  static Vocabulary from_text(std::string_view text, const std::string& name);
  std::string to_text() const;

  int size() const { return static_cast<int>(tokens_.size()); }
  int id(std::string_view token) const;  ///< kUnknown if it is not there
  const std::string& token(int id) const;

 private:
  void add(std::string token);

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::vector<std::string> tokens_;
  std::unordered_map<std::string, int, Hash, std::equal_to<>> ids_;
};

}  // namespace heed
