#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/checksums.h"
#include "heed/base/mapped_file.h"
#include "heed/data/examples.h"
#include "heed/data/length_counts.h"
#include "heed/data/pair_filter.h"
#include "unknown_tokens.h"

namespace heed {

/// What a message of a cache that cannot be used ends with. Such an Error is of the kind kModel, with the key
/// data.cache.
inline constexpr const char* kMakeCacheAnew = "it has to be made anew, or another folder named (data.cache)";
inline constexpr std::string_view kPartBegin = "heedids1";  // of the file of a part

/// Pairs of one corpus, one after the other in a part of a cache: what is read, checked and shuffled as one.
struct CacheBlock {
  std::uint32_t part = 0;
  std::uint32_t corpus = 0;
  std::uint32_t first = 0;  // of its pairs, in the part
  std::uint32_t pairs = 0;
  std::uint64_t offset = 0;  // of its ids, in the file
  std::uint64_t ids = 0;
  Digest sum = {};  // of its ids
};

/// What is told of the pairs of a cache, or of one of its parts: of each corpus.
struct CacheCounts {
  explicit CacheCounts(std::size_t corpora = 0) : fates(corpora), lengths(corpora) {}
  void add(const CacheCounts& others);

  std::vector<std::array<long, kPairFates>> fates;  // by PairFate
  std::vector<LengthCounts> lengths;                // of the pairs that are trained on
  UnknownPairs unknown;
};

/// The pairs of a part before they are written.
struct CachePartContent {
  Digest made_of = {};  // CacheManifest::made_of()
  std::uint64_t number = 0;
  CacheCounts counts;
  std::vector<Digest> met;  // what a filter that drops duplicates met here first
  Examples pairs;
  std::vector<int> corpora;  // of each pair
};
/// The file of a part: a head with counts and the table of its blocks, the lengths of all pairs, and the ids of each
/// block: sources, targets, copies, links and features. Each has a checksum; that of the head is in the manifest.
std::string part_bytes(const CachePartContent& content);

/// The file of a part, mapped.
class CachePart {
 public:
  struct Head {
    Digest made_of = {};
    CacheCounts counts;
    std::vector<Digest> met;
    std::vector<CacheBlock> blocks;
    std::uint64_t pairs = 0;
    ExampleLists has = {false, false, false};
    Digest lengths_sum = {};
    Digest sum = {};  // of the head itself
  };
  /// Checks head and size. Throws Error that names the file.
  CachePart(const std::filesystem::path& path, std::uint32_t number);
  const Head& head() const { return head_; }
  /// Throws Error if it is a part of another cache, or of one of other corpora.
  void check_of(const Digest& made_of, std::size_t corpora) const;
  /// Throws Error if it is not the head that was written.
  void check_head(const std::string& sum) const;
  /// Of each pair of the part. Throws Error if they changed.
  const std::vector<PairLength>& lengths();
  /// Adds what pairs of a block have to `sizes`. Throws Error if their lengths changed.
  void add_sizes(const CacheBlock& block, std::size_t first, std::size_t pairs, ExampleSizes& sizes);
  /// Adds pairs of a block, from its `first` on. Throws Error if the block changed.
  void add(const CacheBlock& block, std::size_t first, std::size_t count, Examples& out);
  /// Throws Error if anything changed.
  void check_all();
  const std::filesystem::path& path() const { return path_; }

 private:
  static MappedFile mapped(const std::filesystem::path& path);
  void read_head(std::uint32_t number);
  void place_blocks(std::uint32_t number);
  std::span<const int> ids_of(const CacheBlock& block) const;
  [[noreturn]] void fail(const std::string& what) const;

  std::filesystem::path path_;
  MappedFile file_;
  Head head_;
  std::size_t lengths_at_ = 0;                   // in the file
  std::vector<PairLength> lengths_;              // once they were asked for
  std::vector<std::uint32_t> links_, features_;  // how many ids of each pair, likewise
};

}  // namespace heed
