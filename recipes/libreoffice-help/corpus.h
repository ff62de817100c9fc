#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pairs.h"

namespace heed::recipes {

/// A parallel corpus in parts. The part is a matter of the page, so no page is in two of them, and a source sentence
/// that several pages have stays with the first page in the order of their paths: no source is in two parts.
struct Corpus {
  std::vector<Pair> train;
  std::vector<Pair> dev;
  std::vector<Pair> test;
  std::vector<Pair> test_strict;  ///< pairs of test whose source has no near copy in train
  std::size_t pages = 0;          ///< pages that both languages have
  std::size_t unaligned = 0;      ///< of these, pages whose structure differs
};

/// Reads every .html below `source` that is also below `target`.
Corpus build_corpus(const std::filesystem::path& source, const std::filesystem::path& target);

/// Those pairs of `test` whose source shares less than 0.6 of its tokens (Jaccard) with every source in `train`.
std::vector<Pair> without_near_copies(const std::vector<Pair>& test, const std::vector<Pair>& train);

/// Writes train.en, train.LANGUAGE and so on for all four parts: the whole directory or nothing.
void write_corpus(const Corpus& corpus, std::string_view language, const std::filesystem::path& directory);

}  // namespace heed::recipes
