#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_API heed {

class MappedFile;

/// The content of a file under its name, wherever it lies.
struct NamedBytes {
  std::string name;
  std::span<const char> bytes;
};

/// The files of a bundle by their names, to be read: those of a directory, or copies in memory. Copies share them.
class Folder {
 public:
  Folder() = default;
  /// Where a folder is asked for, a path is one.
  Folder(std::filesystem::path directory) : directory_(std::move(directory)) {}
  /// Copies the bytes. Errors speak of the file `name`/FILE. Throws UsageError for no file name, or one given twice.
  static Folder of_memory(std::span<const NamedBytes> files, const std::string& name = "memory");

  bool has(const std::string& file) const;
  /// Of all its files, in no order.
  std::vector<std::string> names() const;
  /// The path of a file, for reading and in messages; of memory for messages alone.
  std::filesystem::path path(const std::string& file) const { return directory_ / file; }
  /// The whole of a file. Throws Error as read_regular_file() and MappedFile do.
  std::string read(const std::string& file, std::uintmax_t most) const;
  std::shared_ptr<const MappedFile> map(const std::string& file) const;

 private:
  const std::shared_ptr<const MappedFile>& find(const std::string& file) const;

  std::filesystem::path directory_;
  bool in_memory_ = false;
  std::map<std::string, std::shared_ptr<const MappedFile>> files_;  // in memory
};

}  // namespace heed
