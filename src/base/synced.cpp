#include "synced.h"

#include "temporary.h"

namespace heed {

namespace fs = std::filesystem;

int sync_file(int file) {
  if (fsync(file) == 0) return 0;
  return errno == EINVAL || errno == ENOTSUP || errno == EROFS ? 0 : errno;
}

int sync_path(const fs::path& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.is_open() ? sync_file(file.number()) : errno;
}

void sync_tree(const fs::path& root, const fs::path& shown) try {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file() && !entry.is_directory()) continue;
    if (const int error = sync_path(entry.path())) {
      fail_with("write", shown / entry.path().lexically_relative(root), error);
    }
  }
  if (const int error = sync_path(root)) fail_with("write", shown, error);
} catch (const fs::filesystem_error& e) {
  fail_with("write", shown, e.code().value());
}

}  // namespace heed
