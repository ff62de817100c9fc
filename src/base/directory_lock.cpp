#include "heed/base/directory_lock.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <vector>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/host_and_time.h"
#include "temporary.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

fs::path lock_file(const fs::path& directory) {
  constexpr std::size_t kLongestName = 240;  // of 255: long names that begin alike share a lock
  const std::string name = directory.filename().string().substr(0, kLongestName);
  return parent_of(directory) / (".heed-lock-" + name);
}

// "process 4711 on host since 2026-11-27 14:30:00 UTC"
std::string this_process() {
  return "process " + std::to_string(getpid()) + " on " + host_name() + " since " + utc_now("%Y-%m-%d %H:%M:%S UTC");
}

// The one line that its holder wrote, shown whatever it is.
std::string holder(const Descriptor& file) {
  char text[400] = "";
  const ssize_t size = pread(file.number(), text, sizeof(text) - 1, 0);
  std::string out(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  out = out.substr(0, out.find('\n'));
  return out.empty() ? "another process" : out;
}

// What a lock's file is that must not be written to, nor removed; nullptr: a file of its own. A hard link leads to what
// somebody else may need, as a symbolic one does.
const char* fault_of(const Descriptor& file, int error) {
  if (!file.is_open()) return error == ELOOP ? "a symbolic link" : error == EISDIR ? "a directory" : nullptr;
  struct stat status {};
  if (fstat(file.number(), &status) != 0) return nullptr;
  if (!S_ISREG(status.st_mode)) return "no regular file";
  return status.st_nlink > 1 ? "a file that has another name too" : nullptr;
}

}  // namespace

struct DirectoryLock::Held {
  std::vector<fs::path> made;  // parents that were not there, the innermost first
  fs::path path;
  Descriptor file;

  ~Held() {
    for (const fs::path& parent : made) rmdir(parent.c_str());  // which stayed empty: no trace of what was refused
  }

  // Of another user it can be read, and locked. Never what a link leads to: it is written to.
  void open_file() {
    file = Descriptor(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (file.is_open() || errno != EACCES) return;
    file = Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.is_open()) errno = EACCES;
  }
};

DirectoryLock::DirectoryLock(const fs::path& directory) : held_(std::make_unique<Held>()) {
  const fs::path target = directory_behind(directory);
  if (target.empty()) fail_with("write", directory, ENOENT);
  std::error_code error;
  struct stat status {};  // the name of the lock's file is cut, and would do
  if (lstat(target.c_str(), &status) != 0 && errno == ENAMETOOLONG) fail_with("write", directory, errno);
  for (fs::path p = parent_of(target); !fs::exists(p, error) && p != parent_of(p); p = parent_of(p)) {
    held_->made.push_back(p);
  }
  fs::create_directories(parent_of(target), error);
  if (error) fail_with("write", directory, error.value());
  held_->path = lock_file(target);
  do {
    held_->open_file();
    const int error_of_open = errno;
    if (const char* fault = fault_of(held_->file, error_of_open)) {
      throw Error(ErrorKind::kSystem,
                  "cannot write '" + directory.string() + "': its lock '" + held_->path.string() + "' is " + fault +
                      "; remove that",
                  {.file = held_->path.string()});
    }
    if (!held_->file.is_open()) fail_with("write", directory, error_of_open);
    if (flock(held_->file.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      throw Error(ErrorKind::kSystem,
                  "'" + directory.string() + "' is being written by " + holder(held_->file) +
                      ": stop that one first, or write to another directory",
                  {.file = directory.string()});
    }
    // It may be another by now: who had this one removed it before letting go.
  } while (!is_at(held_->file, held_->path));
  remove_stale_temporaries(parent_of(target));
  const std::string text = this_process() + "\n";
  if (ftruncate(held_->file.number(), 0) == 0) {
    // What it says is for messages only.
    [[maybe_unused]] const ssize_t written = pwrite(held_->file.number(), text.data(), text.size(), 0);
  }
}

DirectoryLock::~DirectoryLock() { unlink(held_->path.c_str()); }

std::vector<fs::path> DirectoryLock::made() const {
  std::vector<fs::path> out = {held_->path};
  out.insert(out.end(), held_->made.begin(), held_->made.end());
  return out;
}

}  // namespace heed
