#include "heed/base/growing_file.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "heed/base/error.h"
#include "synced.h"
#include "temporary.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

// In the words of who names it, unless it is a link.
fs::path target_of(const fs::path& path) {
  std::error_code unknown;
  return fs::is_symlink(path, unknown) ? behind_links(path) : path;
}

void refuse_special(const fs::path& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode)) return;
  throw Error(ErrorKind::kSystem, "cannot write '" + path.string() + "': it is no regular file",
              {.file = path.string()});
}

// Who has finished the file meanwhile has taken its name away: it is opened anew.
Descriptor open_locked(const fs::path& path) {
  for (;;) {
    Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!file.is_open()) fail_with("write", path, errno);
    if (flock(file.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      throw Error(ErrorKind::kSystem,
                  "'" + path.string() + "' is being written by another process: stop that one first",
                  {.file = path.string()});
    }
    if (is_at(file, path)) return file;
  }
}

}  // namespace

struct GrowingFile::Locked {
  Descriptor file;
};

fs::path GrowingFile::part_of(const fs::path& path) { return target_of(path) += ".part"; }

GrowingFile::GrowingFile(const fs::path& path) : target_(target_of(path)), part_(part_of(path)) {
  refuse_special(target_);
  refuse_special(part_);
  file_ = std::make_unique<Locked>(Locked{open_locked(part_)});
  struct stat status = {};
  if (fstat(file_->file.number(), &status) != 0) fail_with("write", part_, errno);
  size_ = static_cast<std::uint64_t>(status.st_size);
}

GrowingFile::~GrowingFile() = default;

std::string GrowingFile::read_front(std::uint64_t size) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  std::vector<char> block(kBlock);
  while (kept_ < size) {
    const std::size_t most = std::min<std::uint64_t>(kBlock, size - kept_);
    const ssize_t count = pread(file_->file.number(), block.data(), most, static_cast<off_t>(kept_));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_with("read", part_, errno);
    if (count == 0) break;  // somebody else cut it
    sum_.add_piece({block.data(), static_cast<std::size_t>(count)});
    kept_ += static_cast<std::uint64_t>(count);
  }
  return checksum();
}

void GrowingFile::cut() {
  if (ftruncate(file_->file.number(), static_cast<off_t>(kept_)) != 0) fail_with("write", part_, errno);
  size_ = kept_;
}

void GrowingFile::write(std::string_view text) {
  if (const int error = write_all(file_->file.number(), text)) fail_with("write", part_, error);
  sum_.add_piece(text);
  size_ += text.size();
}

void GrowingFile::sync() {
  if (const int error = sync_file(file_->file.number())) fail_with("write", part_, error);
}

void GrowingFile::commit() {
  sync();
  struct stat old = {};
  if (stat(target_.c_str(), &old) == 0 && fchmod(file_->file.number(), old.st_mode & 07777) != 0)
    fail_with("write", target_, errno);
  if (rename(part_.c_str(), target_.c_str()) != 0) fail_with("write", target_, errno);
  // Unlocked only when it has its own name.
  if (!file_->file.close()) fail_with("write", target_, errno);
  if (const int error = sync_path(parent_of(target_))) fail_with("write", target_, error);
}

void GrowingFile::remove() {
  if (unlink(part_.c_str()) != 0) fail_with("write", part_, errno);
  file_->file.close();
}

}  // namespace heed
