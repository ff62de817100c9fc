#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Stands for a reference that a sentence lacks where others have one, as None does in sacreBLEU: a NUL, which no text
/// has. An empty line is a reference like any other.
extern const std::string kNoReference;

/// Of several references those of a sentence that are empty become kNoReference: for columns and files in which an
/// empty one means that there is none. `references[r][i]` is reference r of sentence i.
std::vector<std::vector<std::string>> without_empty(std::vector<std::vector<std::string>> references);

}  // namespace heed
