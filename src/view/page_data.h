#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "page_files.h"

namespace heed::view {

/// The colours of weights for a page's scripts: {"light": [[red, green, blue], ...], "dark": ...}.
nlohmann::ordered_json page_scales();

/// What the scripts of src/view/attention/ need of a page's data, whatever it shows.
nlohmann::ordered_json page_basis();

/// The page, with its data in a script element, whatever their texts are. `title` is put in as it is.
std::string fill_page(const PageFiles& files, const std::string& title, const nlohmann::ordered_json& data);

}  // namespace heed::view
