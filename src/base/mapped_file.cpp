#include "heed/base/mapped_file.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>

#include "descriptor.h"
#include "heed/base/error.h"
#include "temporary.h"

namespace heed {
MappedFile::MappedFile(const std::filesystem::path& path, Pages pages) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!file.is_open() || fstat(file.number(), &status) != 0) fail_with("read", path, errno);
  if (S_ISDIR(status.st_mode)) fail_with("read", path, EISDIR);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorKind::kModel, "cannot read '" + path.string() + "': it is no regular file",
                {.file = path.string()});
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return;  // nothing can be mapped
  // Where all of it is about to be read, one call instead of a fault for every few pages.
  const int populate = pages == Pages::kAll ? MAP_POPULATE : 0;
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | populate, file.number(), 0);
  if (data == MAP_FAILED) fail_with("read", path, errno);
  bytes_ = {static_cast<const char*>(data), size};
}

MappedFile::MappedFile(std::span<const char> bytes) {
  if (bytes.empty()) return;
  void* data = mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (data == MAP_FAILED)
    throw Error(ErrorKind::kSystem, "no memory for a copy of " + std::to_string(bytes.size()) + " bytes");
  std::memcpy(data, bytes.data(), bytes.size());
  mprotect(data, bytes.size(), PROT_READ);
  bytes_ = {static_cast<const char*>(data), bytes.size()};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace heed
