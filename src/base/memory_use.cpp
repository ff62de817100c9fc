#include "heed/base/memory_use.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace heed {

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t all = 0, resident = 0;  // pages
  if (!(file >> all >> resident)) return 0;
  return resident * sysconf(_SC_PAGESIZE);
}

std::int64_t peak_resident_bytes() {
  constexpr std::int64_t kKilobyte = 1024;
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss * kKilobyte : 0;
}

}  // namespace heed
