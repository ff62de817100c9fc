#include "cache_advice.h"

#include <fmt/format.h>

#include "heed/base/shell_text.h"

namespace heed::app {

std::vector<std::string> make_cache_command(const std::string& config, const std::vector<std::string>& set,
                                            const std::string& output, bool replaces) {
  std::vector<std::string> out = {"heed", "data", "cache", config};
  for (const std::string& assignment : set) out.insert(out.end(), {"--set", assignment});
  if (!output.empty()) out.insert(out.end(), {"--set", "output=" + output});
  if (replaces) out.emplace_back("--replace");
  return out;
}

void rethrow_with_advice(const Error& error, const std::vector<std::string>& make_anew) {
  throw Error(error.kind(), fmt::format("{}; `{}` makes it anew", error.what(), shell_text(make_anew)), error.place());
}

}  // namespace heed::app
