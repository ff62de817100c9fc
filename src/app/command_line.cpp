#include "command_line.h"

#include <algorithm>

#include "heed/base/atomic_file.h"
#include "heed/base/error.h"

namespace heed::app {

std::vector<std::string> command_line() try {
  std::vector<std::string> out;
  const std::string words = read_file("/proc/self/cmdline");
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find('\0', at), words.size());
    out.push_back(words.substr(at, end - at));
    at = end + 1;
  }
  return out;
} catch (const Error&) {
  return {};
}

}  // namespace heed::app
