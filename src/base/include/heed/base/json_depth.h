#pragma once
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

constexpr int kDeepestJson = 16;  ///< brackets; those of Heed's own files are 7 deep at most

/// Throws Error, with the position, if brackets are nested deeper than `most`. Check before parsing: JSON libraries
/// recurse, and deep nesting overflows the stack.
void check_json_depth(std::string_view json, int most = kDeepestJson);

}  // namespace heed
