#include "heed/record/source_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "heed/base/error.h"
#include "heed/base/json_depth.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

using Document = nlohmann::json;

std::string text_from(const std::string& name, const Document& json) {
  const auto text = json.get<std::string>();
  if (text.find('\0') != std::string::npos) throw Error(fmt::format("a NUL byte in '{}'", name));
  return text;
}

/// The values of a feature: a text, or a list of them, a value for each word.
std::string values_from(const std::string& name, const Document& json) {
  if (json.is_string()) return text_from(name, json);
  std::string out;
  if (!json.is_array()) throw Error(fmt::format("features: '{}' is neither a text nor a list of texts", name));
  for (const Document& value : json) {
    if (!value.is_string()) throw Error(fmt::format("features: '{}' is neither a text nor a list of texts", name));
    const std::string text = text_from(name, value);
    if (utf8::words(text) != std::vector<std::string_view>{text}) {
      throw Error(
          fmt::format("features: '{}' is a list, of which '{}' is no value: it is empty or has blanks", name, text));
    }
    out += (out.empty() ? "" : " ") + text;
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
  out.source = text_from("source", *source);
  for (const auto& [key, value] : json.items()) {
    if (key == "source") continue;
    if (key != "features") throw Error(fmt::format("unknown key '{}'; expected: source, features", key));
    if (!value.is_object()) throw Error("'features' is no object; expected {\"NAME\": \"VALUE\"}");
    for (const auto& [name, values] : value.items()) out.features.emplace(name, values_from(name, values));
  }
  return out;
}

}  // namespace heed
