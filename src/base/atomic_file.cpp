#include "heed/base/atomic_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "heed/base/error.h"
#include "heed/base/held_signals.h"
#include "kept_files.h"
#include "synced.h"
#include "temporary.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

void write_directly(const fs::path& path, std::string_view content) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) fail_with("write", path, errno);
  if (const int error = write_all(file.number(), content)) fail_with("write", path, error);
  if (!file.close()) fail_with("write", path, errno);
}

// 0 or the error number: fills a temporary and has it take the place of `target`. `old`: what stands there, if
// anything.
int replace_file(const fs::path& target, std::string_view content, const struct stat* old) {
  TemporaryFile temporary = make_temporary_file(target);
  const int file = temporary.file.number();
  int error = write_all(file, content);
  if (!error && old != nullptr && fchmod(file, old->st_mode & 07777) != 0) error = errno;
  if (!error) error = sync_file(file);
  // Closed, and with that unlocked, only when it has its own name: nobody may take it for a dead process's.
  if (!error && rename(temporary.path.c_str(), target.c_str()) != 0) error = errno;
  if (error) unlink(temporary.path.c_str());
  if (!temporary.file.close() && !error) error = errno;
  return error ? error : sync_path(parent_of(target));
}

}  // namespace

void write_file_atomically(const fs::path& path, std::string_view content) {
  struct stat old = {};
  const bool exists = stat(path.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) fail_with("write", path, EISDIR);
  if (exists && !S_ISREG(old.st_mode)) return write_directly(path, content);
  const fs::path target = behind_links(path);
  // A folder that is replaced as a whole meanwhile (a run, at each of its saves) may take the temporary with it.
  constexpr int kTries = 3;
  int error = ENOENT;
  for (int i = 0; i < kTries && error == ENOENT; ++i) error = replace_file(target, content, exists ? &old : nullptr);
  if (error) fail_with("write", path, error);
}

void check_file_writable(const fs::path& path) {
  struct stat old = {};
  const bool exists = stat(path.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) fail_with("write", path, EISDIR);
  if (exists && !S_ISREG(old.st_mode)) {
    if (access(path.c_str(), W_OK) != 0) fail_with("write", path, errno);
    return;
  }
  const fs::path target = behind_links(path);
  remove_stale_temporaries(parent_of(target));
  const HeldSignals held;
  const TemporaryFile tried = make_temporary_file(target);
  unlink(tried.path.c_str());
  if (exists) check_removable(target);
}

}  // namespace heed
