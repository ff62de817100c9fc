#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// The message, or, if it has more than 2,000 bytes (it may quote input of any length), its beginning, with what and
/// where, and its end, with what would be right. Cut between characters.
std::string bounded_message(std::string_view message);

}  // namespace heed
