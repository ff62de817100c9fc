#include "heed/translate/dictionary.h"

#include <algorithm>

#include "fmt/format.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/data/lines.h"
#include "heed/text/escapes.h"
#include "unknown_words.h"

namespace heed {
namespace {

std::size_t count_words(const std::string& phrase) {
  std::size_t words = 0;
  for (std::size_t at = 0; at < phrase.size(); at += utf8::char_length(phrase, at)) {
    const char32_t c = utf8::decode(std::string_view(phrase).substr(at, utf8::char_length(phrase, at)));
    if (!utf8::is_space(c) && between_words(phrase, at)) ++words;
  }
  return words;
}

}  // namespace

Dictionary Dictionary::load(const std::filesystem::path& path) {
  Dictionary out;
  for_each_line(path.string(), [&](std::string_view line, long number) {
    const auto fail = [&](const char* what) {
      throw Error::at(
          {.file = path.string(), .line = number},
          fmt::format("{}; a line of a dictionary is a source word or phrase, a tab, and its translation", what));
    };
    const std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos) fail("there is no tab");
    if (tab == 0 || tab + 1 == line.size()) fail("a side is empty");
    if (line.find('\t', tab + 1) != std::string_view::npos) fail("there are two tabs");
    if (count_words(std::string(line.substr(0, tab))) > kMostWords)
      fail(fmt::format("the phrase has more than {} words and marks", kMostWords).c_str());
    if (!out.words_.emplace(line.substr(0, tab), line.substr(tab + 1)).second) fail("the word came before");
    out.longest_ = std::max(out.longest_, tab);
  });
  return out;
}

const std::string* Dictionary::find(std::string_view phrase) const {
  const auto found = words_.find(std::string(phrase));
  return found == words_.end() ? nullptr : &found->second;
}

std::string Dictionary::translate(std::string_view token) const {
  if (const std::string* translation = find(token)) return *translation;
  std::string_view word = token;
  std::string_view before;
  std::string_view after;
  for (const std::string_view mark : {kJoiner, kSpaceMark}) {
    if (!word.starts_with(mark)) continue;
    before = mark;
    word.remove_prefix(mark.size());
    break;
  }
  if (word.ends_with(kJoiner)) {
    after = kJoiner;
    word.remove_suffix(kJoiner.size());
  }
  const std::string* translation = find(word);
  return translation == nullptr ? std::string(token) : fmt::format("{}{}{}", before, *translation, after);
}

}  // namespace heed
