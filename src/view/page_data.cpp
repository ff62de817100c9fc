#include "page_data.h"

#include "scale.h"

namespace heed::view {
namespace {

nlohmann::ordered_json stops_of(const Scale& scale) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const Colour& colour : scale) out.push_back({colour.red, colour.green, colour.blue});
  return out;
}

}  // namespace

nlohmann::ordered_json page_scales() { return {{"light", stops_of(kLightScale)}, {"dark", stops_of(kDarkScale)}}; }

}  // namespace heed::view
