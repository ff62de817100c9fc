#include "words.h"

#include <fmt/format.h>

#include <algorithm>

#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed {

std::vector<std::string_view> split_words(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t length = utf8::char_length(line, at);
    if (utf8::is_space(utf8::decode(line.substr(at, length)))) {
      if (at > begin) words.push_back(line.substr(begin, at - begin));
      begin = at + length;
    }
    at += length;
  }
  if (line.size() > begin) words.push_back(line.substr(begin));
  return words;
}

std::vector<std::string_view> ComparedWords::operator()(std::vector<std::string_view> words) const {
  if (words.size() <= most) return words;
  throw Error(
      fmt::format("line {} has {} {}; {} compares lines of up to {}", sentence + 1, words.size(), unit, metric, most));
}

std::string join(const std::vector<std::string_view>& words, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += separator;
    out += words[i];
  }
  return out;
}

std::vector<int> WordIds::operator()(const std::vector<std::string_view>& words) {
  std::vector<int> out;
  out.reserve(words.size());
  for (const std::string_view word : words) {
    out.push_back(ids_.try_emplace(std::string(word), static_cast<int>(ids_.size())).first->second);
  }
  return out;
}

NgramCounts count_ngrams(const std::vector<std::string_view>& units, std::size_t order) {
  NgramCounts counts;
  for (std::size_t i = 0; i + order <= units.size(); ++i) {
    const char* begin = units[i].data();
    const char* end = units[i + order - 1].data() + units[i + order - 1].size();
    ++counts[std::string_view(begin, static_cast<std::size_t>(end - begin))];
  }
  return counts;
}

long overlap(const NgramCounts& a, const NgramCounts& b) {
  long sum = 0;
  for (const auto& [ngram, count] : a) {
    const auto found = b.find(ngram);
    if (found != b.end()) sum += std::min(count, found->second);
  }
  return sum;
}

}  // namespace heed
