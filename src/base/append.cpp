#include "heed/base/append.h"

#include <sys/stat.h>

#include "descriptor.h"
#include "heed/base/error.h"
#include "temporary.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path) {
  throw Error(ErrorKind::kSystem, "cannot write '" + path.string() + "': it is no regular file: remove it",
              {.file = path.string()});
}

// Waits for no reader, and makes nothing behind a link that leads nowhere.
Descriptor open_log(const fs::path& path) {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK;
  Descriptor file(open(path.c_str(), kFlags));
  if (!file.is_open() && errno == ENOENT) file = Descriptor(open(path.c_str(), kFlags | O_CREAT | O_EXCL, 0666));
  if (!file.is_open()) fail_with("write", path, errno);
  return file;
}

}  // namespace

void append_to_file(const fs::path& path, std::string_view text) {
  check_appendable(path);
  Descriptor file = open_log(path);
  struct stat status = {};
  if (fstat(file.number(), &status) != 0) fail_with("write", path, errno);
  if (!S_ISREG(status.st_mode)) refuse(path);
  const off_t before = lseek(file.number(), 0, SEEK_END);
  if (const int error = write_all(file.number(), text)) {
    [[maybe_unused]] const int ignored = ftruncate(file.number(), before);
    fail_with("write", path, error);
  }
  if (!file.close()) fail_with("write", path, errno);
}

void check_appendable(const fs::path& path) {
  struct stat own = {};
  struct stat behind = {};
  if (lstat(path.c_str(), &own) != 0) return;
  if (stat(path.c_str(), &behind) != 0 || !S_ISREG(behind.st_mode)) refuse(path);
}

}  // namespace heed
