#pragma once
#include <cstddef>
#include <filesystem>
#include <span>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// The bytes of a file, read only. Of a path it is memory-mapped: its pages are loaded when read, and shared between
/// processes. A file that is replaced by renaming another over it (as write_file_atomically does) keeps its content
/// here.
class MappedFile {
 public:
  enum class Pages {
    kAll,   ///< are about to be read
    kAsked  ///< those alone that are read are loaded: of a file that is larger than the memory
  };
  /// Throws Error that names the path and the reason.
  explicit MappedFile(const std::filesystem::path& path, Pages pages = Pages::kAll);
  /// A copy of bytes, which begins with a page as a file's do. Throws Error if there is no memory for it.
  explicit MappedFile(std::span<const char> bytes);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const char> bytes() const { return bytes_; }

 private:
  std::span<const char> bytes_;
};

}  // namespace heed
