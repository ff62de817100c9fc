#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Text of a file or a model for people to look at: control characters, direction marks and broken bytes become visible
/// instead of moving the cursor or the words beside them. Empty text stays empty.
std::string visible_text(std::string_view text, bool unicode);

}  // namespace heed
