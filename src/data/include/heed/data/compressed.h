#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// What a file of that name holds: for names that end in .gz or .zst the text compressed, the same bytes each time; for
/// others the text.
std::string compressed_for(std::string_view path, std::string text);

}  // namespace heed
