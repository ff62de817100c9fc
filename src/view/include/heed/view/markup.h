#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Text that HTML and SVG show as it is.
inline std::string escaped_markup(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace heed
