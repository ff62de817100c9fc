#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "page_files.h"

namespace heed::view {

/// The colours of weights for a page's scripts: {"light": [[red, green, blue], ...], "dark": ...}.
nlohmann::ordered_json page_scales();

/// What the scripts of src/view/attention/ need of a page's data, whatever it shows.
nlohmann::ordered_json page_basis();

/// What pages that ask have in other places: a policy (CSP) that names where answers come from, and elements.
struct PageParts {
  std::string policy;
  std::string files;
};

/// The page, with its data in a script element, whatever their texts are. `title` and parts are put in as they are.
std::string fill_page(const PageFiles& files, const std::string& title, const nlohmann::ordered_json& data,
                      const PageParts& parts = {});

}  // namespace heed::view
