#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "heed/base/checksums.h"
#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A file that is written over several runs: until it is whole it stands beside its place as FILE.part, and what ends a
/// run leaves that there. Throws Error with the path and the system's reason.
class GrowingFile {
 public:
  /// Opens FILE.part, or makes it, and locks it (flock). Throws Error where another process writes it, and for a path
  /// that is there and no regular file.
  explicit GrowingFile(const std::filesystem::path& path);
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  std::uint64_t size() const { return size_; }
  const std::filesystem::path& part() const { return part_; }
  /// Reads the first so many bytes, no more than there are, which are to be kept. Returns their checksum.
  std::string read_front(std::uint64_t size);
  /// Keeps what read_front() read; without it, nothing.
  void cut();
  /// Of all that is kept, and was written since.
  std::string checksum() const { return sum_.value(); }
  void write(std::string_view text);
  /// What was written is on the disk.
  void sync();
  /// It is whole: FILE.part takes the place of FILE, and its access rights.
  void commit();
  /// It is whole, and FILE was made of it: FILE.part goes.
  void remove();

  /// Of a path, behind links; where it stands until it is whole.
  static std::filesystem::path part_of(const std::filesystem::path& path);

 private:
  struct Locked;

  std::filesystem::path target_;  // behind links
  std::filesystem::path part_;
  std::unique_ptr<Locked> file_;
  std::uint64_t size_ = 0;
  std::uint64_t kept_ = 0;  // bytes that sum_ is of
  StreamChecksum sum_;
};

}  // namespace heed
