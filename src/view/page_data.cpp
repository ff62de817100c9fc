#include "page_data.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "heed/text/escapes.h"
#include "packed_weights.h"
#include "scale.h"

namespace heed::view {
namespace {

nlohmann::ordered_json stops_of(const Scale& scale) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const Colour& colour : scale) out.push_back({colour.red, colour.green, colour.blue});
  return out;
}

/// JSON that can stand in a script element: nothing in it ends the element or begins another.
std::string embedded(const nlohmann::ordered_json& json) {
  std::string out;
  for (const char c : json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out;
}

/// The template, each {{name}} replaced once by its value; values are not looked into.
std::string fill(std::string_view page, const std::map<std::string_view, std::string_view>& values) {
  std::string out;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t begin = page.find("{{", at);
    const std::size_t end = begin == page.npos ? page.npos : page.find("}}", begin);
    if (end == page.npos) {
      out += page.substr(at);
      break;
    }
    out += page.substr(at, begin - at);
    out += values.at(page.substr(begin + 2, end - begin - 2));
    at = end + 2;
  }
  return out;
}

}  // namespace

nlohmann::ordered_json page_scales() { return {{"light", stops_of(kLightScale)}, {"dark", stops_of(kDarkScale)}}; }

nlohmann::ordered_json page_basis() {
  return {{"steps", kWeightSteps}, {"space_mark", kSpaceMark}, {"scales", page_scales()}};
}

std::string fill_page(const PageFiles& files, const std::string& title, const nlohmann::ordered_json& data,
                      const PageParts& parts) {
  return fill(files.html, {{"title", title},
                           {"css", files.css},
                           {"script", files.script},
                           {"data", embedded(data)},
                           {"policy", parts.policy},
                           {"files", parts.files}});
}

}  // namespace heed::view
