#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace heed {

/// A text without a NUL byte. Throws Error with the name for anything else.
std::string text_from(const std::string& name, const nlohmann::json& json);

/// The values of source features by their names, {"NAME": "VALUES"} or {"NAME": ["VALUE", ...]}. Throws Error that says
/// what is wrong.
std::map<std::string, std::string> features_from(const nlohmann::json& json);

}  // namespace heed
