#include "heed/base/append.h"

#include "descriptor.h"
#include "heed/base/error.h"
#include "temporary.h"

namespace heed {

void append_to_file(const std::filesystem::path& path, std::string_view text) {
  Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (!file.is_open()) fail_with("write", path, errno);
  const off_t before = lseek(file.number(), 0, SEEK_END);
  if (const int error = write_all(file.number(), text)) {
    [[maybe_unused]] const int ignored = ftruncate(file.number(), before);
    fail_with("write", path, error);
  }
  if (!file.close()) fail_with("write", path, errno);
}

}  // namespace heed
