#include "corpus_links.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/base/links.h"
#include "heed/base/utf8.h"

namespace heed {

CorpusLinks::CorpusLinks(const std::string& path) : path_(path) {
  if (!path.empty()) reader_.emplace(path);
}

void CorpusLinks::read(long line, std::string_view source, std::string_view target) {
  if (!reader_) return;
  std::optional<Line> found;
  while (reader_->lines() < line) {
    found = reader_->next_text();
    if (!found) {
      throw Error(ErrorKind::kData,
                  fmt::format("{} has {} lines of links; its corpus has more", shown(path_), reader_->lines()),
                  {.file = path_, .key = "data.train.alignment"});
    }
  }
  const auto fail = [&](const std::string& what) {
    throw Error::at({.file = shown(path_), .line = line, .key = "data.train.alignment"}, what);
  };
  std::vector<int> links;
  try {
    const auto source_words = static_cast<int>(utf8::words(source).size());
    const auto target_words = static_cast<int>(utf8::words(target).size());
    for (const Link& link : parse_links(found->text)) {
      if (link.source >= source_words || link.target >= target_words) {
        fail(fmt::format("link {}-{}, but the pair has {} and {} words, counted from 0", link.source, link.target,
                         source_words, target_words));
      }
      links.insert(links.end(), {link.target, link.source});
    }
  } catch (const Error& error) {
    if (error.place().line > 0) throw;
    fail(error.what());
  }
  links_[line] = std::move(links);
}

void CorpusLinks::check_end(const std::string& corpus, long lines) {
  if (!reader_) return;
  while (reader_->next()) continue;
  check_partners(corpus, static_cast<std::size_t>(lines), path_, static_cast<std::size_t>(reader_->lines()));
}

std::vector<int> CorpusLinks::take(long line) {
  auto found = links_.extract(line);
  return found.empty() ? std::vector<int>() : std::move(found.mapped());
}

std::vector<int> token_links(std::span<const int> words, std::span<const int> source, std::span<const int> target) {
  std::vector<int> out;
  for (std::size_t t = 0; t < target.size(); ++t) {
    for (std::size_t link = 0; link + 1 < words.size(); link += 2) {
      if (words[link] != target[t]) continue;
      for (std::size_t s = 0; s < source.size(); ++s) {
        if (source[s] == words[link + 1]) out.insert(out.end(), {static_cast<int>(t), static_cast<int>(s)});
      }
    }
  }
  return out;
}

}  // namespace heed
