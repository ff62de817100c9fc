#pragma once
#include <map>
#include <string>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A sentence to translate: {"source": "a b", "features": {"pos": "X Y"}}.
struct SourceLine {
  std::string source;
  std::map<std::string, std::string> features = {};  ///< values by name, with blanks between those of words
};

/// Reads a line of docs/json-lines.md; the values of a feature may be a list too. Throws Error that says what is wrong
/// with the line, unknown keys among it: they would be asked for in vain.
SourceLine read_source_line(std::string_view line);

}  // namespace heed
