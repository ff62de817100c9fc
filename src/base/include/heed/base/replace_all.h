#pragma once
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Puts `by` in the place of each `what`, which is not empty; from the left, without overlap.
void replace_all(std::string& text, std::string_view what, std::string_view by);

}  // namespace heed
