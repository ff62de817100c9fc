#pragma once
#include <string_view>

namespace heed {

/// For readers of JSON, before a library makes values of it: those are copied and printed by recursion, so that text
/// nested deeply enough ends the process. Throws Error, with the place, if brackets are nested deeper than `most`.
void check_json_depth(std::string_view json, int most);

}  // namespace heed
