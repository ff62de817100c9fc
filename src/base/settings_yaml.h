#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "heed/base/error.h"

namespace heed {

/// One key with its scalar, as it stands in a YAML text.
struct YamlValue {
  std::string key;    // joined with dots
  std::string value;  // "" where `is_null`
  std::string where;  // "config.yaml:12", or the name alone for an assignment
  ErrorPlace place;   // likewise, with the key
  bool is_null = false;
};

/// Flattens a YAML mapping to its scalars. Only the given keys and the sections they lie in are followed, so that
/// aliases and deep nesting can not blow it up. With `prefix`, `yaml` is the value that is assigned to that key or
/// section, and messages have no line. Throws UsageError.
std::vector<YamlValue> flatten_yaml(std::string_view yaml, const std::string& name, const std::string& prefix,
                                    std::span<const std::string> keys);

/// Text for a message: in quotes, on one line and not too long.
std::string in_quotes(std::string_view text);
/// Text as a YAML scalar that reads back as the same text.
std::string yaml_scalar(std::string_view text);

}  // namespace heed
