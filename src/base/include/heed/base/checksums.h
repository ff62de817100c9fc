#pragma once
#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// XXH128 (xxhash.com) as 32 hexadecimal digits.
std::string checksum(std::string_view bytes);

/// The checksums of a folder's files, in its file "checksums": a line "DIGEST  NAME" for each, as `xxhsum -H2` writes
/// and `xxhsum -c checksums` checks them. A folder without that file is of an earlier version, or its user removed it:
/// then nothing is checked.
class Checksums {
 public:
  static constexpr const char* kFile = "checksums";

  Checksums() = default;
  /// Throws Error if the folder's file has a line that is none.
  static Checksums load(const std::filesystem::path& folder);
  void add(const std::string& name, std::string_view content) { digests_[name] = checksum(content); }
  /// Writes the folder's file.
  void save(const std::filesystem::path& folder) const;

  /// Throws Error that names the file if its content is not what was written.
  void check(const std::string& name, std::string_view content) const;
  void check_file(const std::string& name) const;
  /// All files that have a checksum but these. Throws Error also if one is not there.
  void check_all_but(std::initializer_list<std::string_view> left_out) const;
  std::size_t size() const { return digests_.size(); }
  bool empty() const { return digests_.empty(); }

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::string> digests_;  // by name
};

}  // namespace heed
