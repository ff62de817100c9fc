#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "descriptor.h"
#include "heed/base/atomic_file.h"
#include "heed/base/error.h"
#include "heed/base/regular_file.h"
#include "temporary.h"

namespace heed {
namespace {

namespace fs = std::filesystem;

struct stat status_of(const Descriptor& file, const fs::path& path) {
  struct stat status = {};
  if (!file.is_open() || fstat(file.number(), &status) != 0) fail_with("read", path, errno);
  if (S_ISDIR(status.st_mode)) fail_with("read", path, EISDIR);
  return status;
}

std::string read_open(const Descriptor& file, const fs::path& path, std::uintmax_t most) {
  const auto size = static_cast<std::size_t>(status_of(file, path).st_size);
  std::string content;
  std::size_t filled = 0;
  while (filled < most) {
    // One byte more than the size: the end of a regular file is then seen without another buffer.
    if (content.size() == filled)
      content.resize(filled +
                     std::max<std::size_t>(65536, filled > 0 ? filled : std::min<std::uintmax_t>(size + 1, most)));
    const std::size_t room = std::min<std::uintmax_t>(content.size() - filled, most - filled);
    const ssize_t count = read(file.number(), content.data() + filled, room);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_with("read", path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  content.resize(filled);
  return content;
}

}  // namespace

std::string read_file(const fs::path& path) { return read_front(path, kAnySize); }

std::string read_front(const fs::path& path, std::uintmax_t most) {
  return read_open(Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC)), path, most);
}

std::string read_regular_file(const fs::path& path, std::uintmax_t most) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const struct stat status = status_of(file, path);
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorKind::kModel, fmt::format("cannot read '{}': {}", path.string(), what), {.file = path.string()});
  };
  if (!S_ISREG(status.st_mode)) fail("it is no regular file");
  if (static_cast<std::uintmax_t>(status.st_size) > most)
    fail(fmt::format("it has {} bytes, of {} at most", status.st_size, most));
  return read_open(file, path, most);
}

}  // namespace heed
