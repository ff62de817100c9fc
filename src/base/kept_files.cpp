#include "kept_files.h"

#include <sys/stat.h>

#include "heed/base/error.h"
#include "synced.h"
#include "temporary.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

void link_tree(const fs::path& from, const fs::path& to) {
  std::error_code failed;
  const fs::file_status status = fs::symlink_status(from, failed);
  if (fs::is_symlink(status)) {
    fs::copy_symlink(from, to);
  } else if (fs::is_directory(status)) {
    fs::create_directory(to, from);  // with its access rights
    for (const auto& entry : fs::directory_iterator(from)) link_tree(entry.path(), to / entry.path().filename());
  } else if (fs::is_regular_file(status)) {
    fs::create_hard_link(from, to, failed);
    if (!failed) return;
    fs::copy_file(from, to);
    sync_path(to);
  }
}

struct stat status_of(const fs::path& path, bool& exists) {
  struct stat out = {};
  exists = lstat(path.c_str(), &out) == 0;
  return out;
}

void move_tree(const fs::path& from, const fs::path& to) {
  bool old_exists = false;
  bool new_exists = false;
  const struct stat old_status = status_of(from, old_exists);
  const struct stat new_status = status_of(to, new_exists);
  if (!old_exists) return;
  if (new_exists && S_ISDIR(old_status.st_mode) && S_ISDIR(new_status.st_mode)) {
    std::error_code ignored;
    for (fs::directory_iterator entry(from, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
      move_tree(entry->path(), to / entry->path().filename());
    }
  } else if (!new_exists || old_status.st_ino != new_status.st_ino) {
    rename(from.c_str(), to.c_str());
  }
}

}  // namespace

void link_kept(const fs::path& from, const fs::path& to, const AtomicDirectory::IsReplaced& is_replaced) try {
  for (const auto& entry : fs::directory_iterator(from)) {
    const fs::path name = entry.path().filename();
    if (is_replaced(name.string())) continue;
    try {
      link_tree(entry.path(), to / name);
    } catch (const fs::filesystem_error& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw;  // its owner removed or renamed it
    }
  }
} catch (const fs::filesystem_error& error) {
  fail_with("keep", error.path1(), error.code().value());
}

void move_kept(const fs::path& from, const fs::path& to, const AtomicDirectory::IsReplaced& is_replaced) {
  std::error_code ignored;
  for (fs::directory_iterator entry(from, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    const fs::path name = entry->path().filename();
    if (!is_replaced(name.string())) move_tree(entry->path(), to / name);
  }
}

void copy_mode(const fs::path& from, const fs::path& to) {
  struct stat status = {};
  if (stat(from.c_str(), &status) != 0) return;
  // The owner first: to give away takes the set-group bit.
  if (chown(to.c_str(), status.st_uid, status.st_gid) != 0) {
    [[maybe_unused]] const int ignored = chown(to.c_str(), static_cast<uid_t>(-1), status.st_gid);
  }
  if (chmod(to.c_str(), status.st_mode & 07777) != 0) fail_with("write", from, errno);
}

void check_removable(const fs::path& path) {
  struct statx own = {};
  struct stat folder = {};
  const fs::path parent = parent_of(path);
  if (statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS, &own) != 0) return;
  if (stat(parent.c_str(), &folder) != 0) fail_with("write", path, errno);
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return;
  if ((own.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0 || status.st_dev != folder.st_dev) {
    throw Error("cannot replace '" + path.string() + "': something is mounted there; name a place in it, as '" +
                (path / "model").string() + "'");
  }
  const uid_t user = geteuid();
  if ((folder.st_mode & S_ISVTX) != 0 && user != 0 && user != status.st_uid && user != folder.st_uid) {
    fail_with("replace", path, EPERM);
  }
  if (S_ISDIR(status.st_mode) && access(path.c_str(), W_OK | X_OK) != 0) fail_with("replace", path, errno);
}

}  // namespace heed
