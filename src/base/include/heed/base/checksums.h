#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "heed/base/export.h"
#include "heed/base/folder.h"

namespace HEED_ENGINE_API heed {

/// XXH128 (xxhash.com): its low and its high half.
using Digest = std::array<std::uint64_t, 2>;
Digest digest(std::string_view bytes);
/// The same as 32 hexadecimal digits.
std::string to_text(const Digest& digest);
std::string checksum(std::string_view bytes);
/// Of a file of any size, without holding it. Throws Error that names the path and the reason.
std::string file_checksum(const std::filesystem::path& path);

/// The same of what comes one after the other, however much: texts, of each its length, then its bytes; or pieces of
/// one text, wherever that is cut.
class StreamChecksum {
 public:
  StreamChecksum();
  ~StreamChecksum();
  void add(std::string_view text);
  void add_piece(std::string_view piece);
  /// Of what came so far; more may come.
  std::string value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The checksums of a folder's files, in its file "checksums": a line "DIGEST NAME" for each, as `xxhsum -H2` writes
/// and `xxhsum -c checksums` checks them. A folder without that file (an earlier version's, or removed by the user) is
/// not checked.
class Checksums {
 public:
  static constexpr const char* kFile = "checksums";

  Checksums() = default;
  /// Throws Error at a malformed line.
  static Checksums load(const Folder& folder);
  void add(const std::string& name, std::string_view content) { digests_[name] = checksum(content); }
  /// Writes the folder's file.
  void save(const std::filesystem::path& folder) const;

  /// Throws Error that names the file if its content is not what was written.
  void check(const std::string& name, std::string_view content) const;
  void check_file(const std::string& name) const;
  /// Throws Error if there are checksums, but none of this file.
  void check_has(const std::string& name) const;
  /// Checks all files that have a checksum except these. Throws Error also if one is missing.
  void check_all_but(std::initializer_list<std::string_view> left_out) const;
  std::size_t size() const { return digests_.size(); }
  bool empty() const { return digests_.empty(); }

 private:
  Folder folder_;
  std::map<std::string, std::string> digests_;  // by name
};

}  // namespace heed
