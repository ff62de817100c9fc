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

Descriptor open_for_writing(const fs::path& path) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) fail_with("write", path, errno);
  return file;
}

void write_directly(const fs::path& path, std::string_view content) {
  Descriptor file = open_for_writing(path);
  if (const int error = write_all(file.number(), content)) fail_with("write", path, error);
  if (!file.close()) fail_with("write", path, errno);
}

// 0 or the error number: a temporary that is filled, or could not be (`error`), takes the place of `target`. `old`:
// what stands there, if anything.
int put_in_place(TemporaryFile& temporary, int error, const fs::path& target, const struct stat* old) {
  const int file = temporary.file.number();
  if (!error && old != nullptr && fchmod(file, old->st_mode & 07777) != 0) error = errno;
  if (!error) error = sync_file(file);
  // Closed, and with that unlocked, only when it has its own name: nobody may take it for a dead process's.
  if (!error && rename(temporary.path.c_str(), target.c_str()) != 0) error = errno;
  if (error) unlink(temporary.path.c_str());
  if (!temporary.file.close() && !error) error = errno;
  return error ? error : sync_path(parent_of(target));
}

int replace_file(const fs::path& target, std::string_view content, const struct stat* old) {
  TemporaryFile temporary = make_temporary_file(target);
  return put_in_place(temporary, write_all(temporary.file.number(), content), target, old);
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

AtomicFile::AtomicFile(const fs::path& path) : path_(path) {
  struct stat old = {};
  const bool exists = stat(path.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) fail_with("write", path, EISDIR);
  if (exists && !S_ISREG(old.st_mode)) {
    file_ = std::make_unique<TemporaryFile>(TemporaryFile{{}, open_for_writing(path)});
    return;
  }
  target_ = behind_links(path);
  file_ = std::make_unique<TemporaryFile>(make_temporary_file(target_));
}

AtomicFile::~AtomicFile() {
  if (file_->file.is_open() && !file_->path.empty()) unlink(file_->path.c_str());
}

const fs::path& AtomicFile::temporary() const { return file_->path; }

void AtomicFile::write(std::string_view content) {
  if (const int error = write_all(file_->file.number(), content)) fail_with("write", path_, error);
}

void AtomicFile::commit() {
  int error = 0;
  if (file_->path.empty()) {
    if (!file_->file.close()) error = errno;
  } else {
    struct stat old = {};
    error = put_in_place(*file_, 0, target_, stat(target_.c_str(), &old) == 0 ? &old : nullptr);
  }
  if (error) fail_with("write", path_, error);
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
