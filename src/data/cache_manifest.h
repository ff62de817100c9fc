#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cache_part.h"
#include "heed/base/error.h"
#include "heed/data/corpus.h"
#include "heed/data/data_options.h"

namespace heed {

inline constexpr const char* kCacheManifest = "manifest";
inline constexpr std::string_view kCacheBegin = "heed-cache ";  // of the manifest; the number of the format follows

/// A file that a cache was made of.
struct CachedFile {
  std::string path;
  std::uintmax_t size = 0;
  long modified = 0;  // nanoseconds, on the clock of the file system
  std::string sum = {};

  /// As it is now, without its checksum.
  static CachedFile of(const std::string& path);
  /// Whether it holds the same now, as far as size and time of change tell, or else its checksum, which takes long.
  bool is_still(const CachedFile& now) const;
};

/// What a cache was made of, and what it is: the file "manifest" of its folder, which begins with the format and its
/// own checksum.
struct CacheManifest {
  std::string made_by;  // version of Heed
  bool complete = false;
  std::map<std::string, std::string> keys;          // settings that its ids depend on, as YAML
  std::vector<CachedFile> files;                    // of all corpora
  bool given = false;                               // its vocabularies are those of a bundle that was given
  std::map<std::string, std::string> vocabularies;  // files and their checksums
  long read = 0;                                    // training pairs, those that a filter refused too
  long sample = 0;                                  // of them those that the vocabularies are made of
  long part_pairs = 0;
  std::vector<std::string> said;  // what reading them said
  std::vector<SentencePair> held_out;
  std::vector<std::string> parts;  // checksums of the heads
  CacheCounts counts;

  std::string to_text() const;
  /// Throws Error that names the file.
  static CacheManifest load(const std::filesystem::path& folder);
  /// Throws Error unless the vocabularies in the folder are those that were written.
  void check_vocabularies(const std::filesystem::path& folder) const;
  /// A checksum of all that decides what the parts are.
  Digest made_of() const;
};

Error damaged_manifest(const std::filesystem::path& file, const std::string& what);
std::string part_name(std::size_t number);
/// Whether a name in a cache's folder is that of one of its files; whatever else lies there is not the cache's.
bool is_cache_file(const std::string& name);
/// Says of which pairs its vocabularies are made.
std::string sample_text(const CacheManifest& manifest);

/// The settings that the ids of a cache depend on.
std::map<std::string, std::string> cache_keys(const DataOptions& options, bool copies);
/// The files that it is made of, as they are now, without their checksums.
std::vector<CachedFile> cache_files(const DataOptions& options);
/// Throws Error if the settings or the files are others than those that the cache was made of.
void check_made_of(const CacheManifest& manifest, const std::filesystem::path& folder, const DataOptions& options,
                   bool copies);

}  // namespace heed
