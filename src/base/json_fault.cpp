#include "heed/base/json_fault.h"

#include <algorithm>

namespace heed {

// "[json.exception.parse_error.101] parse error at line 1, column 17: syntax error ...; last read: '...'"
std::string json_fault(std::string_view message) {
  constexpr std::size_t kMost = 200;
  if (message.starts_with('[')) message.remove_prefix(std::min(message.size(), message.find("] ") + 2));
  if (!message.starts_with("parse error")) return std::string(message.substr(0, kMost));
  const std::string_view place = message.substr(0, message.find(':'));
  const bool lines = place.find("line 1,") == place.npos && place.find("line ") != place.npos;
  const std::size_t from = lines ? place.find("line ") : place.rfind(' ') + 1;
  return (lines ? "no JSON at " : "no JSON at byte ") + std::string(place.substr(from));
}

}  // namespace heed
