#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Writes a file whole or not at all: the content goes to a temporary file beside `path`, is synced to disk and
/// renamed over it. Throws Error with the path and the system's reason (no space left, permission, ...);
/// the old file, if any, is then untouched and the temporary one is gone. A path that exists and is no regular file
/// (/dev/stdout, a pipe) is written directly. Temporaries are named .heed-tmp-<host>-<process>-<number>.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Throws Error now if write_file_atomically(path) would: no such folder, no right to write there, a mount point. To be
/// called before long work whose result goes there.
void check_file_writable(const std::filesystem::path& path);

struct TemporaryFile;

/// The same in pieces, for what does not fit in memory: what was written stands at the path after commit(), which is to
/// be called once, at the end. Without it the temporary file is removed.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view content);
  void commit();
  /// To be removed where a signal ends the process; empty where there is none.
  const std::filesystem::path& temporary() const;

 private:
  std::filesystem::path path_;
  std::filesystem::path target_;         // behind links
  std::unique_ptr<TemporaryFile> file_;  // without a path: what stands there is written directly
};

/// A directory made complete or not at all. Fill `path()`, then commit(): it replaces `target`, by one exchange where
/// that exists. Access rights stay, and so do entries that are not replaced, also those that others made meanwhile.
/// Without commit() everything is removed; after a crash the next AtomicDirectory or check_file_writable() in that
/// folder removes it. Missing parents of `target` are made.
class AtomicDirectory {
 public:
  /// Which names of the old directory the new one replaces.
  using IsReplaced = std::function<bool(const std::string& name)>;
  static bool everything(const std::string&) { return true; }

  /// Throws Error if `target` cannot be written or replaced, before changing anything.
  explicit AtomicDirectory(const std::filesystem::path& target, IsReplaced is_replaced = everything);
  ~AtomicDirectory();
  AtomicDirectory(const AtomicDirectory&) = delete;
  AtomicDirectory& operator=(const AtomicDirectory&) = delete;

  const std::filesystem::path& path() const { return temporary_; }
  void commit();

 private:
  void remove_temporary();

  std::filesystem::path target_;
  IsReplaced is_replaced_;
  std::filesystem::path temporary_;
  std::unique_ptr<TemporaryFile> guard_;  // locked: this process lives
  bool committed_ = false;
};

/// Throws Error now if an AtomicDirectory for `target` would. Leaves nothing behind where a signal ends the process.
void check_directory_writable(const std::filesystem::path& target);

/// In its shortest form: "runs/./a/" is "runs/a".
std::filesystem::path without_slash(const std::filesystem::path& directory);

/// The same of the directory itself where a path leads through links.
std::filesystem::path directory_behind(const std::filesystem::path& directory);

/// The whole file as bytes. Throws Error that names the path and the reason.
std::string read_file(const std::filesystem::path& path);

}  // namespace heed
