#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// What the recipes that make a corpus have in common.
namespace heed::recipes {

struct Pair {
  std::string source;
  std::string target;
};

/// Words and single punctuation marks, as near copies are measured.
std::vector<std::string_view> word_tokens(std::string_view text);

/// A parallel corpus in parts.
struct Corpus {
  std::vector<Pair> train;
  std::vector<Pair> dev;
  std::vector<Pair> test;
  std::vector<Pair> test_strict;  ///< pairs of test whose source has no near copy in train
};

/// The part for all that has this key, a page or a text that several pairs have in common: the same on every machine.
std::vector<Pair>& part_of(Corpus& corpus, std::string_view key);

/// When all pairs are in their parts: puts each in an order that has nothing to do with where they came from, and makes
/// test_strict.
void finish(Corpus& corpus);

/// What the names of files end in.
struct Suffixes {
  std::string source;
  std::string target;
};

/// Writes train.SOURCE, train.TARGET and so on for all four parts: the whole directory or nothing.
void write_corpus(const Corpus& corpus, const Suffixes& suffixes, const std::filesystem::path& directory);

}  // namespace heed::recipes
