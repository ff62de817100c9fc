#pragma once
#include <filesystem>
#include <memory>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Whoever writes a directory for a long time holds this: no other process, and nobody else in this one, gets it then.
/// It is a lock (flock) on a file beside the directory, .heed-lock-NAME, so that it outlives the exchanges of
/// AtomicDirectory. The system drops it when the process dies in whatever way; the file that may then stay says nothing
/// by itself. On NFS locks are seen by other hosts unless it is mounted with nolock or local_lock; where there are none
/// at all, nothing is locked.
class DirectoryLock {
 public:
  /// Makes missing parents, and puts the directory back where a writer died while it exchanged it. Throws Error that
  /// says who has the directory since when.
  explicit DirectoryLock(const std::filesystem::path& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  /// To be removed by whoever ends the process without the destructor.
  const std::filesystem::path& file() const;

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace heed
