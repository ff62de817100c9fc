#pragma once
#include <filesystem>

#include "heed/base/atomic_file.h"

namespace heed {

/// Those entries of the directory `from` that are not replaced, and all below them, get names in `to` as well: without
/// copying bytes where the file system lets them be shared. What vanishes meanwhile is left out. Throws Error.
void link_kept(const std::filesystem::path& from, const std::filesystem::path& to,
               const AtomicDirectory::IsReplaced& is_replaced);

/// After `from` and `to` changed places: whatever `from` got or had changed since link_kept() moves to `to`.
void move_kept(const std::filesystem::path& from, const std::filesystem::path& to,
               const AtomicDirectory::IsReplaced& is_replaced);

/// Access rights, and the owner if this process may give files away.
void copy_mode(const std::filesystem::path& from, const std::filesystem::path& to);

/// Throws Error if no other file or directory may take the place of what stands there: a mount point, somebody else's
/// file in a folder with the sticky bit, a directory whose files may not be removed.
void check_removable(const std::filesystem::path& path);

}  // namespace heed
