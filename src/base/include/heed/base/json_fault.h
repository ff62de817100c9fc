#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// What a JSON library's exception says, without the library's name and without the text that it quotes, which may be
/// megabytes: "no JSON at byte 17", "key 'tokens' not found".
std::string json_fault(std::string_view message);

}  // namespace heed
