#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A JSON library's exception as our message, without the library's name and without quoted text, which may be
/// megabytes: "no JSON at byte 17", "key 'tokens' not found".
std::string json_fault(std::string_view message);

}  // namespace heed
