#include "heed/base/host_and_time.h"

#include <unistd.h>

#include <ctime>

namespace heed {

std::string host_name() {
  char name[256] = "";
  return gethostname(name, sizeof(name) - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

std::string utc_now(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char out[64] = "";
  return {out, std::strftime(out, sizeof(out), format, &parts)};
}

}  // namespace heed
