#include "heed/base/address_space.h"

#include <fmt/format.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <sys/mman.h>
#include <sys/resource.h>

#include "heed/base/error.h"

namespace heed {

void require_address_space(std::size_t bytes, const char* what) {
  void* const place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) {
    throw Error(ErrorKind::kSystem,
                fmt::format("not enough memory: {} may need {} MiB, which the system does not give{}", what,
                            bytes >> 20, address_limit()));
  }
  munmap(place, bytes);
}

std::string address_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return "";
  return fmt::format(" (ulimit -v is {} KiB)", limit.rlim_cur >> 10);
}

void share_a_heap_in_limited_space() {
#if defined(__GLIBC__)
  if (!address_limit().empty()) mallopt(M_ARENA_MAX, 1);
#endif
}

}  // namespace heed
