#pragma once
#include <cstddef>
#include <filesystem>
#include <span>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A file of which the system brings in the pages that are read, and shares them between processes. Read only; a file
/// that is replaced by renaming another over it (as write_file_atomically does) stays what it was here.
class MappedFile {
 public:
  /// Throws Error that names the path and the reason.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const char> bytes() const { return bytes_; }

 private:
  std::span<const char> bytes_;
};

}  // namespace heed
