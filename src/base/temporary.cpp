#include "temporary.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <ctime>
#include <vector>

#include "heed/base/error.h"
#include "heed/base/host_and_time.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = ".heed-tmp-";
constexpr const char* kGuardSuffix = ".lock";
constexpr const char* kAsideSuffix = "-old";
constexpr int kTries = 10000;

std::string host_part() {
  constexpr std::size_t kLongest = 63;
  std::string out = host_name().substr(0, kLongest);
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-'; }, '_');
  return out;
}

// The same for no two processes alive, and never that of a result.
fs::path temporary_name(const fs::path& target, int number, const char* suffix) {
  static const std::string process = kPrefix + host_part() + "-" + std::to_string(getpid()) + "-";
  return parent_of(target) / (process + std::to_string(number) + suffix);
}

// The host in such a name; "" in those of version 0.1, which had none.
std::string host_of(const std::string& name) {
  std::size_t end = name.rfind('-');
  end = end == name.npos || end == 0 ? 0 : name.rfind('-', end - 1);
  const std::size_t begin = std::string_view(kPrefix).size();
  return end == name.npos || end <= begin ? "" : name.substr(begin, end - begin);
}

// False if another process has taken the file for that of a dead one, just before it was locked, and removed it.
bool lock_own(const Descriptor& file, const fs::path& path) {
  int result = 0;
  do {
    result = flock(file.number(), LOCK_EX);
  } while (result != 0 && errno == EINTR);
  return is_at(file, path);  // where there are no locks, nobody takes it for anything
}

bool is_old(const fs::path& path) {
  constexpr std::time_t kDay = 86400;
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0 && std::time(nullptr) - status.st_mtime > kDay;
}

// Its maker holds a lock as long as it lives. Between hosts locks may not be seen (NFS mounted with local_lock or
// nolock), but no save takes a day.
bool may_remove(const Descriptor& file, const fs::path& path) {
  if (!file.is_open() || flock(file.number(), LOCK_EX | LOCK_NB) != 0 || !is_at(file, path)) return false;
  return host_of(path.filename().string()) == host_part() || is_old(path);
}

// Only into an empty place: the system moves no directory over anything else.
void put_back(const Descriptor& guard, const fs::path& temporary) {
  char text[256] = "";
  const ssize_t size = pread(guard.number(), text, sizeof(text), 0);
  const std::string name(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos) return;
  rename(moved_aside(temporary).c_str(), (parent_of(temporary) / name).c_str());
}

void remove_if_stale(const fs::directory_entry& entry) {
  std::error_code ignored;
  const fs::path& path = entry.path();
  if (entry.is_symlink(ignored) || path.filename().string().ends_with(kAsideSuffix)) return;
  if (entry.is_directory(ignored)) {
    // With a guard it goes when that does. Without: of version 0.1.
    if (!fs::exists(path.string() + kGuardSuffix, ignored) && is_old(path)) fs::remove_all(path, ignored);
    return;
  }
  const Descriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!may_remove(file, path)) return;
  if (path.extension() == kGuardSuffix) {
    const fs::path temporary = fs::path(path).replace_extension();
    put_back(file, temporary);
    fs::remove_all(temporary, ignored);
  }
  fs::remove(path, ignored);
}

}  // namespace

void fail_with(const char* what, const fs::path& path, int error) {
  throw Error(ErrorKind::kSystem, std::string("cannot ") + what + " '" + path.string() + "': " + reason(error),
              {.file = path.string()});
}

fs::path parent_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

fs::path behind_links(const fs::path& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  if (!error) return real;
  std::error_code ignored;
  const fs::path target = fs::read_symlink(path, ignored);
  if (ignored) return path;
  // What is written must not take the link's place.
  if (error != std::errc::no_such_file_or_directory) fail_with("write", path, error.value());
  throw Error(
      ErrorKind::kSystem,
      "cannot write '" + path.string() + "': it is a symbolic link to '" + target.string() + "', which is not there",
      {.file = path.string()});
}

fs::path moved_aside(const fs::path& temporary) { return fs::path(temporary) += kAsideSuffix; }

bool is_at(const Descriptor& file, const fs::path& path) {
  struct stat opened = {};
  struct stat named = {};
  return fstat(file.number(), &opened) == 0 && lstat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

TemporaryFile make_temporary_file(const fs::path& target, const char* suffix) {
  for (int number = 0; number < kTries; ++number) {
    TemporaryFile out{temporary_name(target, number, suffix), Descriptor()};
    out.file = Descriptor(open(out.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!out.file.is_open() && errno != EEXIST) fail_with("write", target, errno);
    if (out.file.is_open() && lock_own(out.file, out.path)) return out;
  }
  fail_with("write", target, EEXIST);
}

TemporaryDirectory make_temporary_directory(const fs::path& target) {
  // Names that are in the way stay there, with their guards, until the search is over: the next try has another number.
  std::vector<TemporaryFile> taken;
  const auto drop_taken = [&taken] {
    for (const TemporaryFile& guard : taken) unlink(guard.path.c_str());
  };
  for (int number = 0; number < kTries; ++number) {
    TemporaryDirectory out{{}, make_temporary_file(target, kGuardSuffix)};
    out.path = fs::path(out.guard.path).replace_extension();
    if (mkdir(out.path.c_str(), 0777) == 0) {
      drop_taken();
      const std::string name = target.filename().string();
      // On a full disk it is the first of many files that do not fit.
      [[maybe_unused]] const ssize_t written = write(out.guard.file.number(), name.data(), name.size());
      return out;
    }
    const int error = errno;
    taken.push_back(std::move(out.guard));
    if (error == EEXIST) continue;
    drop_taken();
    fail_with("write", target, error);
  }
  drop_taken();
  fail_with("write", target, EEXIST);
}

void remove_stale_temporaries(const fs::path& folder) {
  std::error_code ignored;
  std::vector<fs::directory_entry> found;
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    if (entry->path().filename().string().starts_with(kPrefix)) found.push_back(*entry);
  }
  for (const fs::directory_entry& entry : found) remove_if_stale(entry);
}

}  // namespace heed
