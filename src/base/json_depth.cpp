#include "heed/base/json_depth.h"

#include "fmt/format.h"
#include "heed/base/error.h"

namespace heed {

void check_json_depth(std::string_view json, int most) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == ']' || c == '}') --depth;
    if (c != '[' && c != '{') continue;
    if (++depth > most)
      throw Error(fmt::format("brackets are nested more than {} deep at byte {}; no file of Heed's is", most, at + 1));
  }
}

}  // namespace heed
