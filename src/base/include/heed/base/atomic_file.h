#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace heed {

/// Writes a file whole or not at all: the content goes to a temporary file beside `path`, is synced to disk and
/// renamed over it. Throws Error with the path and the system's reason (no space left, permission, ...);
/// the old file, if any, is then untouched and the temporary one is gone. A path that exists and is no regular file
/// (/dev/stdout, a pipe) is written directly. Temporaries are named .heed-tmp-<process>-<number>.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// A directory made complete or not at all. Fill `path()`, then commit(): the directory takes the place of `target`
/// (an old one of that name is replaced in one exchange, then removed). Without commit() everything is removed.
/// Missing parents of `target` are made. What a crashed run leaves behind is named .heed-tmp-*, never `target`.
class AtomicDirectory {
 public:
  explicit AtomicDirectory(const std::filesystem::path& target);
  ~AtomicDirectory();
  AtomicDirectory(const AtomicDirectory&) = delete;
  AtomicDirectory& operator=(const AtomicDirectory&) = delete;

  const std::filesystem::path& path() const { return temporary_; }
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

/// The whole file as bytes. Throws Error that names the path and the reason.
std::string read_file(const std::filesystem::path& path);

}  // namespace heed
