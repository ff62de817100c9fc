#include "words.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed {

std::vector<std::string_view> split_words(std::string_view line) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t length = utf8::char_length(line, at);
    if (utf8::is_space(length == 1 ? static_cast<char32_t>(line[at]) : utf8::decode(line.substr(at, length)))) {
      if (at > begin) words.push_back(line.substr(begin, at - begin));
      begin = at + length;
    }
    at += length;
  }
  if (line.size() > begin) words.push_back(line.substr(begin));
  return words;
}

std::string_view strip(std::string_view line) {
  const auto words = split_words(line);
  if (words.empty()) return {};
  const char* end = words.back().data() + words.back().size();
  return {words.front().data(), static_cast<std::size_t>(end - words.front().data())};
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
    auto found = ids_.find(word);
    if (found == ids_.end()) found = ids_.emplace(word, static_cast<int>(ids_.size())).first;
    out.push_back(found->second);
  }
  return out;
}

}  // namespace heed
