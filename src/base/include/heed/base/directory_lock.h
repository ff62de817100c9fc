#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Exclusive lock for long writes to a directory, against other processes and other holders in this one. It is a lock
/// (flock) on a file beside the directory, .heed-lock-NAME, so that it outlives the exchanges of AtomicDirectory. The
/// system releases it when the process dies; the file may stay and means nothing by itself. On NFS locks are seen by
/// other hosts unless it is mounted with nolock or local_lock; where there are none at all, nothing is locked.
class DirectoryLock {
 public:
  /// Makes missing parents, and restores the directory if a writer died while it exchanged it. Throws Error that names
  /// the holder and since when it holds.
  explicit DirectoryLock(const std::filesystem::path& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  /// The lock's file, then the parents that it made, innermost first. Remove them, if empty, before ending the process
  /// without the destructor.
  std::vector<std::filesystem::path> made() const;

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace heed
