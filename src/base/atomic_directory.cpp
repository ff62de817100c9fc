#include <cerrno>
#include <string>

#include "directory_swap.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/held_signals.h"
#include "kept_files.h"
#include "synced.h"
#include "temporary.h"

namespace heed {

namespace fs = std::filesystem;

fs::path without_slash(const fs::path& directory) {
  fs::path out = directory.lexically_normal();
  return out.has_filename() ? out : out.parent_path();
}

fs::path directory_behind(const fs::path& directory) { return behind_links(without_slash(directory)); }

AtomicDirectory::AtomicDirectory(const fs::path& target, IsReplaced is_replaced)
    : target_(directory_behind(target)), is_replaced_(std::move(is_replaced)) {
  std::error_code error;
  if (target_.empty()) fail_with("write", target, ENOENT);
  const bool exists = fs::exists(target_, error);
  if (exists && !fs::is_directory(target_, error)) fail_with("write", target, ENOTDIR);
  fs::create_directories(parent_of(target_), error);
  if (error) fail_with("write", target, error.value());
  remove_stale_temporaries(parent_of(target_));
  if (exists) {
    remove_stale_temporaries(target_);
    check_removable(target_);
  }
  TemporaryDirectory made = make_temporary_directory(target_);
  temporary_ = made.path;
  guard_ = std::make_unique<TemporaryFile>(std::move(made.guard));
}

AtomicDirectory::~AtomicDirectory() { remove_temporary(); }

// The old directory, if there was one, or what was not committed. Its guard goes last, and once: the name may be
// another's then.
void AtomicDirectory::remove_temporary() {
  if (!guard_) return;
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
  unlink(guard_->path.c_str());
  guard_.reset();
}

void AtomicDirectory::commit() {
  if (committed_) throw Error(ErrorKind::kArgument, "the directory '" + target_.string() + "' was committed before");
  sync_tree(temporary_, target_);
  const bool replaces = fs::exists(target_);
  KeptFiles kept;
  if (replaces) {
    kept = link_kept(target_, temporary_, is_replaced_);
    copy_mode(target_, temporary_);
    if (const int error = sync_path(temporary_)) fail_with("write", target_, error);
  }
  if (const int error = swap_in_directory(temporary_, target_)) fail_with("write", target_, error);
  committed_ = true;
  // What others wrote there while this was going on.
  if (replaces) move_kept(temporary_, target_, kept, is_replaced_);
  remove_temporary();
  if (const int error = sync_path(parent_of(target_))) fail_with("write", target_, error);
}

void check_directory_writable(const fs::path& target) {
  const HeldSignals held;
  const AtomicDirectory tried(target);
}

}  // namespace heed
