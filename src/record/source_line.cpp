#include "heed/record/source_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "heed/base/error.h"
#include "heed/base/json_depth.h"

namespace heed {
namespace {

using Document = nlohmann::json;

std::string values_from(const std::string& name, const Document& json) {
  if (json.is_string()) return json.get<std::string>();
  std::string out;
  for (const Document& value : json.is_array() ? json : Document::array({nullptr})) {
    if (!value.is_string()) throw Error(fmt::format("features: '{}' is neither a text nor a list of texts", name));
    out += (out.empty() ? "" : " ") + value.get<std::string>();
  }
  return out;
}

}  // namespace

SourceLine read_source_line(std::string_view line) {
  check_json_depth(line);
  const Document json = Document::parse(line, nullptr, false);
  if (!json.is_object()) throw Error("no JSON object; expected {\"source\": \"...\", \"features\": {...}}");
  SourceLine out;
  const auto source = json.find("source");
  if (source == json.end() || !source->is_string()) throw Error("'source' is missing, or no text");
  out.source = source->get<std::string>();
  if (out.source.find('\0') != std::string::npos) throw Error("a NUL byte in 'source'");
  for (const auto& [key, value] : json.items()) {
    if (key == "source") continue;
    if (key != "features") throw Error(fmt::format("unknown key '{}'; expected: source, features", key));
    if (!value.is_object()) throw Error("'features' is no object; expected {\"NAME\": \"VALUE\"}");
    for (const auto& [name, values] : value.items()) out.features.emplace(name, values_from(name, values));
  }
  return out;
}

}  // namespace heed
