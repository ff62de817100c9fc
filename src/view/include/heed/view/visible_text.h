#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Text of a file or a model made safe to show: control characters, direction marks and broken bytes become visible.
/// Empty text stays empty.
std::string visible_text(std::string_view text, bool unicode);

}  // namespace heed
