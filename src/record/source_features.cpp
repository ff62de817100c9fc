#include "source_features.h"

#include <fmt/format.h>

#include "heed/base/error.h"
#include "heed/base/utf8.h"

namespace heed {
namespace {

/// The values of a feature: a text, or a list of them, a value for each word.
std::string values_from(const std::string& name, const nlohmann::json& json) {
  if (json.is_string()) return text_from(name, json);
  std::string out;
  if (!json.is_array()) throw Error(fmt::format("features: '{}' is neither a text nor a list of texts", name));
  for (const nlohmann::json& value : json) {
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

std::string text_from(const std::string& name, const nlohmann::json& json) {
  if (!json.is_string()) throw Error(fmt::format("'{}' is no text", name));
  auto text = json.get<std::string>();
  if (text.find('\0') != std::string::npos) throw Error(fmt::format("a NUL byte in '{}'", name));
  return text;
}

std::map<std::string, std::string> features_from(const nlohmann::json& json) {
  if (!json.is_object()) throw Error("'features' is no object; expected {\"NAME\": \"VALUE\"}");
  std::map<std::string, std::string> out;
  for (const auto& [name, values] : json.items()) out.emplace(name, values_from(name, values));
  return out;
}

}  // namespace heed
