#pragma once
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

constexpr int kDeepestJson = 16;  ///< brackets; those of Heed's own files are 7 deep at most

/// For readers of JSON, before a library makes values of it: those are copied and printed by recursion, so that text
/// nested deeply enough ends the process. Throws Error, with the place, if brackets are nested deeper than `most`.
void check_json_depth(std::string_view json, int most = kDeepestJson);

}  // namespace heed
