#pragma once
#include <string>

#include "heed/base/error.h"

namespace heed {

/// What the E says that a call throws; "" if it throws none. Any other exception goes through and fails the test.
template <typename E = Error, typename Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

}  // namespace heed
