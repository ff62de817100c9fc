#include "heed/base/replace_all.h"

namespace heed {

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  if (text.find(what) == std::string::npos) return;
  std::string out;
  std::string_view rest = text;
  for (std::size_t at; (at = rest.find(what)) != std::string_view::npos; rest.remove_prefix(at + what.size()))
    out.append(rest.substr(0, at)).append(by);
  text = out.append(rest);
}

}  // namespace heed
