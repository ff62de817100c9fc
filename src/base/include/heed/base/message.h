#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A message as people are told it: itself, or, if it is longer than anybody reads (2,000 bytes), its beginning, which
/// says what and where, and its end, which says what would be right. Messages quote what was read, however long that
/// is. Cut between characters.
std::string bounded_message(std::string_view message);

}  // namespace heed
