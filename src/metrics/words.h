#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace heed {

/// The runs between Unicode white space, as Python's str.split() has them, on which sacreBLEU's figures rest. Not what
/// Heed counts as words elsewhere: utf8::words.
std::vector<std::string_view> split_words(std::string_view line);

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
  std::unordered_map<std::string, int> ids_;
};

using NgramCounts = std::unordered_map<std::string_view, long>;

/// Counts of the n-grams of one order. The units (words, characters) must lie one after another in one text with equal
/// gaps, so that the stretch of text from the first to the last of them is the n-gram.
NgramCounts count_ngrams(const std::vector<std::string_view>& units, std::size_t order);

/// Number of n-grams that both have, each as often as the lower count.
long overlap(const NgramCounts& a, const NgramCounts& b);

/// Number of n-grams of one order in so many units.
inline long ngrams_in(std::size_t units, std::size_t order) {
  return units < order ? 0 : static_cast<long>(units - order + 1);
}

}  // namespace heed
