#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/base/error.h"

namespace heed {

/// One key with what stands there in a YAML text.
struct YamlValue {
  std::string key;                 // joined with dots
  std::vector<std::string> items;  // the scalar, "" where `is_null`; of a list all of them
  std::string where;               // "config.yaml:12", or the name alone for an assignment
  ErrorPlace place;                // likewise, with the key
  bool is_null = false;
  bool is_list = false;
  bool by_alias = false;  // given by another name
  std::string list = {};  // the section that a list of sections stands for; and of them
  std::size_t section = 0;
  std::size_t sections = 0;
};

/// What may stand in a YAML text: keys, other names that a scalar or list may be given by, each for some keys, and
/// sections that may be lists of sections.
struct YamlNames {
  std::vector<std::string> keys;
  std::vector<std::pair<std::string, std::vector<std::string>>> aliases;
  std::vector<std::string> lists = {};
};

/// Flattens a YAML mapping to its scalars and lists of scalars. Only the given names and the sections they lie in are
/// followed, so that aliases and deep nesting can not blow it up. With `prefix`, `yaml` is the value that is assigned
/// to that key or section, and messages have no line. Throws UsageError.
std::vector<YamlValue> flatten_yaml(std::string_view yaml, const std::string& name, const std::string& prefix,
                                    const YamlNames& names);

/// Text for a message: in quotes, on one line and not too long.
std::string in_quotes(std::string_view text);
/// Text as a YAML scalar that reads back as the same text.
std::string yaml_scalar(std::string_view text);

}  // namespace heed
