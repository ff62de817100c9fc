#include "heed/base/atomic_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "descriptor.h"
#include "directory_swap.h"
#include "heed/base/error.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* what, const fs::path& path, int error) {
  throw Error(std::string("cannot ") + what + " '" + path.string() + "': " + reason(error));
}

fs::path parent_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// The name of a temporary beside `target`: the same for no two processes alive, and never that of a result.
fs::path temporary_name(const fs::path& target, int number) {
  return parent_of(target) / (".heed-tmp-" + std::to_string(getpid()) + "-" + std::to_string(number));
}

// Calls make(name) with fresh names until it does not report EEXIST.
template <typename Make>
fs::path make_temporary(const fs::path& target, const Make& make) {
  constexpr int kTries = 10000;
  for (int number = 0; number < kTries; ++number) {
    fs::path name = temporary_name(target, number);
    if (make(name)) return name;
    if (errno != EEXIST) fail("write", target, errno);
  }
  fail("write", target, EEXIST);
}

// 0 or the error number.
int write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// 0 or the error number. Pipes, devices and some file systems have nothing to sync.
int sync(int file) {
  if (fsync(file) == 0) return 0;
  return errno == EINVAL || errno == ENOTSUP || errno == EROFS ? 0 : errno;
}

int sync_path(const fs::path& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.is_open() ? sync(file.number()) : errno;
}

// Everything in the directory, then the directory itself.
void sync_tree(const fs::path& root, const fs::path& target) try {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file() && !entry.is_directory()) continue;
    if (const int error = sync_path(entry.path())) fail("write", target / entry.path().lexically_relative(root), error);
  }
  if (const int error = sync_path(root)) fail("write", target, error);
} catch (const fs::filesystem_error& e) {
  fail("write", target, e.code().value());
}

void write_directly(const fs::path& path, std::string_view content) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) fail("write", path, errno);
  if (const int error = write_all(file.number(), content)) fail("write", path, error);
  if (!file.close()) fail("write", path, errno);
}

// Where a symbolic link leads: the file behind it is replaced, not the link.
fs::path behind_links(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  return error ? path : real;
}

}  // namespace

void write_file_atomically(const fs::path& path, std::string_view content) {
  struct stat old = {};
  const bool exists = stat(path.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) fail("write", path, EISDIR);
  if (exists && !S_ISREG(old.st_mode)) return write_directly(path, content);

  const fs::path target = behind_links(path);
  Descriptor file;
  const fs::path temporary = make_temporary(target, [&](const fs::path& name) {
    file = Descriptor(open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    return file.is_open();
  });
  int error = write_all(file.number(), content);
  if (!error && exists && fchmod(file.number(), old.st_mode & 07777) != 0) error = errno;
  if (!error) error = sync(file.number());
  if (!file.close() && !error) error = errno;
  if (!error && rename(temporary.c_str(), target.c_str()) != 0) error = errno;
  if (error) {
    unlink(temporary.c_str());
    fail("write", path, error);
  }
  if ((error = sync_path(parent_of(target)))) fail("write", path, error);
}

AtomicDirectory::AtomicDirectory(const fs::path& target) {
  std::error_code error;
  target_ = target.lexically_normal();
  if (!target_.has_filename()) target_ = target_.parent_path();  // "runs/a/" is runs/a
  target_ = behind_links(target_);
  if (target_.empty()) fail("write", target, ENOENT);
  if (fs::exists(target_, error) && !fs::is_directory(target_, error)) fail("write", target, ENOTDIR);
  fs::create_directories(parent_of(target_), error);
  if (error) fail("write", target, error.value());
  temporary_ = make_temporary(target_, [](const fs::path& name) { return mkdir(name.c_str(), 0777) == 0; });
}

AtomicDirectory::~AtomicDirectory() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(temporary_, ignored);
}

void AtomicDirectory::commit() {
  if (committed_) throw Error("the directory '" + target_.string() + "' was committed before");
  sync_tree(temporary_, target_);
  if (const int error = swap_in_directory(temporary_, target_)) fail("write", target_, error);
  committed_ = true;
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);  // the old directory, if there was one
  if (const int error = sync_path(parent_of(target_))) fail("write", target_, error);
}

std::string read_file(const fs::path& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) fail("read", path, errno);
  struct stat status = {};
  if (fstat(file.number(), &status) != 0) fail("read", path, errno);
  if (S_ISDIR(status.st_mode)) fail("read", path, EISDIR);
  std::string content;
  std::size_t filled = 0;
  for (;;) {
    // One byte more than the size: the end of a regular file is then seen without another buffer.
    if (content.size() == filled)
      content.resize(filled + std::max<std::size_t>(65536, filled ? filled : status.st_size + 1));
    const ssize_t count = read(file.number(), content.data() + filled, content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read", path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
}

}  // namespace heed
