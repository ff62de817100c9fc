#include "synopses.h"

#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "heed/base/utf8.h"

namespace heed::recipes {
namespace {

constexpr std::size_t kShortestSource = 10;
constexpr std::size_t kLongestSource = 80;  // words; what is longer is cut
constexpr std::size_t kShortestTarget = 2;
constexpr std::size_t kLongestTarget = 20;

struct Description {
  std::string synopsis;
  std::string first_paragraph;
  std::vector<std::string> words;
};

void append_words(std::string_view line, std::vector<std::string>& words) {
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t", at)) != std::string_view::npos) {
    const std::size_t end = line.find_first_of(" \t", at);
    words.emplace_back(line.substr(at, end - at));
    if (end == std::string_view::npos) return;
    at = end;
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) (out += out.empty() ? "" : " ") += word;
  return out;
}

// A line of the text: " ." parts paragraphs, and lists and tables begin with two spaces.
void append_line(std::string_view line, Description& description) {
  if (line == " .") {
    if (description.first_paragraph.empty()) description.first_paragraph = joined(description.words);
  } else if (line.size() > 1 && line[1] != ' ' && line[1] != '\t') {
    append_words(line, description.words);
  }
}

bool is_about_nothing(std::string_view synopsis) {
  for (const std::string_view word : {"transitional", "dummy package", "empty package", "metapackage"}) {
    if (synopsis.find(word) != std::string_view::npos) return true;
  }
  return false;
}

class Builder {
 public:
  void add(Description description) {
    if (description.synopsis.empty()) return;
    ++corpus_.packages;
    std::vector<std::string> target;
    append_words(description.synopsis, target);
    std::vector<std::string>& words = description.words;
    if (words.size() < kShortestSource || target.size() < kShortestTarget || target.size() > kLongestTarget) return;
    if (is_about_nothing(description.synopsis)) return;
    if (description.first_paragraph.empty()) description.first_paragraph = joined(words);
    if (words.size() > kLongestSource) words.resize(kLongestSource);
    Pair pair{joined(words), joined(target)};
    if (utf8::first_invalid(pair.source) || utf8::first_invalid(pair.target)) return;
    if (seen_.insert(pair.source).second) {
      part_of(corpus_, description.first_paragraph).push_back(std::move(pair));
    }
  }

  SynopsisCorpus finished() {
    finish(corpus_);
    return std::move(corpus_);
  }

 private:
  SynopsisCorpus corpus_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

SynopsisCorpus build_synopses(std::istream& translation) {
  constexpr std::string_view kField = "Description-en: ";
  Builder builder;
  Description description;
  for (std::string line; std::getline(translation, line);) {
    if (line.empty()) {
      builder.add(std::exchange(description, {}));
    } else if (line.starts_with(kField)) {
      description.synopsis = line.substr(kField.size());
    } else if (line[0] == ' ' && !description.synopsis.empty()) {
      append_line(line, description);
    }
  }
  builder.add(std::move(description));
  return builder.finished();
}

}  // namespace heed::recipes
