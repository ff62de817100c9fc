#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/log.h"
#include "heed/data/corpus.h"
#include "heed/data/data_options.h"
#include "heed/data/examples.h"
#include "heed/data/length_counts.h"

namespace HEED_ENGINE_API heed {

struct CacheManifest;
struct CacheBlock;
class CachePart;

/// What a cache is asked for, and made of where it is missing.
struct CacheRequest {
  const DataOptions& options;
  bool copies = false;      ///< target words that only the source has are labels too
  std::string bundle = {};  ///< whose vocabularies are taken; empty: those of the options, or new ones
  int threads = 1;          ///< that make it; it is the same whatever their number
  bool replaces = false;    ///< one that is there is made anew, complete or not, damaged or of other text
  bool only_reads = false;  ///< nothing is made: Error where it is missing or incomplete
  long part_pairs = 65536;  ///< training pairs of a part
};

/// Pairs of a block of a cache.
struct CacheSegment {
  std::size_t block = 0;
  std::size_t first = 0;  ///< of its pairs
  std::size_t pairs = 0;
};

/// The training pairs of a config as ids in a folder, for training on more than fits into memory. It was made of the
/// same pairs in the same order as an Examples in memory would be, but for its vocabularies, which are made of a sample
/// of DataOptions::cache_sample pairs where there are more. Ids are checked each time they are read.
class PairCache {
 public:
  /// Opens the cache in options.cache; makes it first, or goes on with making it, where it is not there. Says what it
  /// does. Throws Error if what is there was made of other text, with other settings or by another version, or is
  /// damaged; UsageError for text that can be read only once; Error if it cannot be written, and then goes on from
  /// there the next time.
  static std::shared_ptr<const PairCache> open(const CacheRequest& request, const LogSink& log);
  ~PairCache();
  PairCache(const PairCache&) = delete;
  PairCache& operator=(const PairCache&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  long pairs() const;
  /// Of all ids.
  std::int64_t bytes() const;
  std::size_t parts() const;
  const CacheManifest& manifest() const { return *manifest_; }
  const std::vector<CacheBlock>& blocks() const { return blocks_; }
  /// All its pairs, in their order.
  std::vector<CacheSegment> all() const;
  /// The corpus of each.
  std::vector<int> corpora() const;
  /// Bytes of memory that pairs of a block take, with what batches are made of.
  std::int64_t memory_of(const CacheSegment& segment) const;
  /// Throws Error if they changed.
  Examples load(std::span<const CacheSegment> segments) const;
  std::vector<PairLength> lengths(std::span<const CacheSegment> segments) const;
  /// Reads all of it. Throws Error if anything changed.
  void check() const;
  /// A checksum of all ids.
  std::string fingerprint() const;
  /// Source and target, with its vocabularies.
  std::pair<TextSide, TextSide> sides() const;

 private:
  PairCache(std::filesystem::path folder, const DataOptions& options, CacheManifest manifest);
  void read_heads();
  /// Makes it that part, if it is another.
  void open_part(std::optional<CachePart>& part, std::size_t number) const;

  std::filesystem::path folder_;
  DataOptions options_;
  std::unique_ptr<const CacheManifest> manifest_;
  std::vector<CacheBlock> blocks_;  // of all parts, in order
  ExampleLists has_ = {false, false, false};
};

/// Whether a folder holds a cache, one that is being made, or one whose manifest is damaged or missing.
bool is_cache(const std::filesystem::path& folder);

}  // namespace heed
