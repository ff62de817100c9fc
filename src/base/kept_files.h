#pragma once
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>

#include "heed/base/atomic_file.h"

namespace heed {

/// Of each path below the two directories: the file (by device and number) that it led to in the old one, and the one
/// that it was given in the new one.
using FileNumber = std::pair<dev_t, ino_t>;
struct KeptFile {
  std::optional<FileNumber> old;
  std::optional<FileNumber> fresh;
};
using KeptFiles = std::map<std::filesystem::path, KeptFile>;

/// Those entries of the directory `from` that are not replaced, and all below them, get names in `to` as well: without
/// copying bytes where the file system lets them be shared. What vanishes meanwhile is left out. Throws Error.
KeptFiles link_kept(const std::filesystem::path& from, const std::filesystem::path& to,
                    const AtomicDirectory::IsReplaced& is_replaced);

/// After `from` and `to` changed places: whatever `from` got or had changed since link_kept() moves to `to`, unless
/// somebody changed it there too, which was later.
void move_kept(const std::filesystem::path& from, const std::filesystem::path& to, const KeptFiles& kept,
               const AtomicDirectory::IsReplaced& is_replaced);

/// Access rights, and the owner if this process may give files away.
void copy_mode(const std::filesystem::path& from, const std::filesystem::path& to);

/// Throws Error if no other file or directory may take the place of what stands there: a mount point, somebody else's
/// file in a folder with the sticky bit, a directory whose files may not be removed.
void check_removable(const std::filesystem::path& path);

}  // namespace heed
