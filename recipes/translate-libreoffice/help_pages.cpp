#include "help_pages.h"

#include <algorithm>
#include <unordered_set>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "pairs.h"

namespace heed::recipes {
namespace {

namespace fs = std::filesystem;

/// Paths below `root` of its pages, in an order that no file system decides.
std::vector<std::string> list_pages(const fs::path& root) {
  std::vector<std::string> pages;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".html") pages.push_back(entry.path().lexically_relative(root).generic_string());
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

std::vector<Block> read_page(const fs::path& path) {
  const std::string html = read_file(path);
  if (utf8::first_invalid(html)) throw Error(path.string() + ": not valid UTF-8");
  return read_blocks(html);
}

struct Page {
  std::string path;
  std::vector<Pair> blocks;
};

std::vector<Page> align_pages(const fs::path& source, const fs::path& target, HelpCorpus& corpus) {
  std::vector<Page> pages;
  for (const std::string& path : list_pages(source)) {
    if (!fs::exists(target / path)) continue;
    const auto original = read_page(source / path);
    const auto translation = read_page(target / path);
    pages.push_back({path, align_blocks(original, translation)});
    ++corpus.pages;
    if (!have_same_structure(original, translation)) ++corpus.unaligned;
  }
  return pages;
}

}  // namespace

HelpCorpus build_corpus(const fs::path& source, const fs::path& target) {
  for (const fs::path& root : {source, target}) {
    if (!fs::is_directory(root)) throw Error(root.string() + ": no such directory of help pages");
  }
  HelpCorpus corpus;
  const std::vector<Page> pages = align_pages(source, target, corpus);
  std::vector<Pair> blocks;
  for (const Page& page : pages) blocks.insert(blocks.end(), page.blocks.begin(), page.blocks.end());
  const double usual_ratio = usual_length_ratio(blocks);

  std::unordered_set<std::string> seen;
  for (const Page& page : pages) {
    std::vector<Pair>& part = part_of(corpus, page.path);
    for (const Pair& block : page.blocks) {
      for (Pair& pair : split_block(block, usual_ratio)) {
        if (seen.insert(pair.source).second) part.push_back(std::move(pair));
      }
    }
  }
  finish(corpus);
  return corpus;
}

}  // namespace heed::recipes
