#include "kept_files.h"

#include <sys/stat.h>

#include <cstdio>
#include <utility>

#include "heed/base/error.h"
#include "synced.h"
#include "temporary.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

std::optional<FileNumber> number_of(const fs::path& path) {
  struct stat status = {};
  if (lstat(path.c_str(), &status) != 0) return std::nullopt;
  return FileNumber(status.st_dev, status.st_ino);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(fs::symlink_status(path, ignored));
}

/// Walks through `from` and `to`, two directories of which one takes the place of the other.
class KeptTree {
 public:
  KeptTree(const fs::path& from, const fs::path& to, const AtomicDirectory::IsReplaced& is_replaced)
      : from_(from), to_(to), is_replaced_(is_replaced) {}

  void link(const fs::path& name) {
    if (is_replaced_(name.string())) return;
    const fs::path from = from_ / name;
    const fs::path to = to_ / name;
    std::error_code failed;
    const fs::file_status status = fs::symlink_status(from, failed);
    const std::optional<FileNumber> old = number_of(from);
    if (fs::is_symlink(status)) {
      fs::copy_symlink(from, to);
    } else if (fs::is_directory(status)) {
      fs::create_directory(to, from);  // with its access rights
      for (const auto& entry : fs::directory_iterator(from)) link(name / entry.path().filename());
    } else if (fs::is_regular_file(status)) {
      link_file(from, to);
    }
    kept[name] = {old, number_of(to)};
  }

  void move(const fs::path& name) {
    if (is_replaced_(name.string())) return;
    const fs::path from = from_ / name;
    const fs::path to = to_ / name;
    const std::optional<FileNumber> old = number_of(from);
    if (!old) return;
    if (is_folder(from) && is_folder(to)) {
      std::error_code ignored;
      for (fs::directory_iterator entry(from, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
        move(name / entry->path().filename());
      }
      return;
    }
    const auto linked = kept.find(name);
    const KeptFile& before = linked == kept.end() ? KeptFile() : linked->second;
    const bool changed_here = old != before.old;
    const bool changed_there = number_of(to) != before.fresh;
    if (changed_here && !changed_there) rename(from.c_str(), to.c_str());
  }

  KeptFiles kept;

 private:
  static void link_file(const fs::path& from, const fs::path& to) {
    std::error_code failed;
    fs::create_hard_link(from, to, failed);
    if (!failed) return;
    fs::copy_file(from, to);
    sync_path(to);
  }

  fs::path from_;
  fs::path to_;
  const AtomicDirectory::IsReplaced& is_replaced_;
};

}  // namespace

KeptFiles link_kept(const fs::path& from, const fs::path& to, const AtomicDirectory::IsReplaced& is_replaced) try {
  KeptTree tree(from, to, is_replaced);
  for (const auto& entry : fs::directory_iterator(from)) {
    try {
      tree.link(entry.path().filename());
    } catch (const fs::filesystem_error& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw;  // its owner removed or renamed it
    }
  }
  return std::move(tree.kept);
} catch (const fs::filesystem_error& error) {
  fail_with("keep", error.path1(), error.code().value());
}

void move_kept(const fs::path& from, const fs::path& to, const KeptFiles& kept,
               const AtomicDirectory::IsReplaced& is_replaced) {
  KeptTree tree(from, to, is_replaced);
  tree.kept = kept;
  std::error_code ignored;
  for (fs::directory_iterator entry(from, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    tree.move(entry->path().filename());
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
    throw Error(ErrorKind::kSystem,
                "cannot replace '" + path.string() + "': something is mounted there; name a place in it, as '" +
                    (path / "model").string() + "'",
                {.file = path.string()});
  }
  const uid_t user = geteuid();
  if ((folder.st_mode & S_ISVTX) != 0 && user != 0 && user != status.st_uid && user != folder.st_uid) {
    fail_with("replace", path, EPERM);
  }
  if (S_ISDIR(status.st_mode) && access(path.c_str(), W_OK | X_OK) != 0) fail_with("replace", path, errno);
}

}  // namespace heed
