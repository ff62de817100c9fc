#pragma once
#include <cctype>
#include <string>

namespace heed {

/// A name that GoogleTest takes: '_' in place of whatever is no letter and no digit.
inline std::string test_name(std::string text) {
  for (char& c : text) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return text;
}

}  // namespace heed
