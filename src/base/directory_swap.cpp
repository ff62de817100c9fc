#include "directory_swap.h"

#include <fcntl.h>
#include <stdio.h>

#include <cerrno>

#include "temporary.h"

namespace heed {
namespace {

int move(const std::filesystem::path& from, const std::filesystem::path& to, unsigned flags) {
  return renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0 ? 0 : errno;
}

}  // namespace

int swap_in_directory(const std::filesystem::path& fresh, const std::filesystem::path& target, bool may_exchange) {
  if (!std::filesystem::exists(std::filesystem::symlink_status(target))) return move(fresh, target, 0);
  if (may_exchange) {
    const int error = move(fresh, target, RENAME_EXCHANGE);
    if (error != EINVAL && error != ENOSYS && error != ENOTSUP) return error;
  }
  const std::filesystem::path old = moved_aside(fresh);
  if (const int error = move(target, old, 0)) return error;
  if (const int error = move(fresh, target, 0)) {
    move(old, target, 0);
    return error;
  }
  return move(old, fresh, 0);
}

}  // namespace heed
