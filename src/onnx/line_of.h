#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "heed/base/error.h"

namespace heed::onnx {

/// The line of a table that a word of the config names. Throws Error for what no line is of: `what` it would be.
template <typename Line, std::size_t count>
const Line& line_of(const Line (&table)[count], const char* what, const std::string& name) {
  const Line* const found = std::find_if(table, table + count, [&](const Line& line) { return name == line.name; });
  if (found != table + count) return *found;
  throw Error(ErrorKind::kModel, fmt::format("the {} '{}' cannot be exported to ONNX", what, name));
}

}  // namespace heed::onnx
