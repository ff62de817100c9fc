#pragma once
#include <nlohmann/json.hpp>

namespace heed::view {

/// The colours of weights for a page's scripts: {"light": [[red, green, blue], ...], "dark": ...}.
nlohmann::ordered_json page_scales();

}  // namespace heed::view
