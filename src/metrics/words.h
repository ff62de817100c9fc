#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace heed {

/// The runs between Unicode white space, as Python's str.split() has them, on which sacreBLEU's figures rest. Not what
/// Heed counts as words elsewhere: utf8::words.
std::vector<std::string_view> split_words(std::string_view line);
/// The line from its first to its last word.
std::string_view strip(std::string_view line);

/// Hands on the words of a line to metrics whose time grows faster than it: throws Error, with the line's number, where
/// there are more than `most`.
struct ComparedWords {
  std::string_view metric;
  std::size_t most = 0;  ///< what can be compared in some seconds
  std::size_t sentence = 0;
  std::string_view unit = "words";
  std::vector<std::string_view> operator()(std::vector<std::string_view> words) const;
};

/// The words with `separator` between them.
std::string join(const std::vector<std::string_view>& words, std::string_view separator);

/// Words as numbers, the same for the same word.
class WordIds {
 public:
  std::vector<int> operator()(const std::vector<std::string_view>& words);

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, int, Hash, std::equal_to<>> ids_;
};

/// Number of n-grams of one order in so many units.
inline double ngrams_in(std::size_t units, std::size_t order) {
  return units < order ? 0 : static_cast<double>(units - order + 1);
}

}  // namespace heed
