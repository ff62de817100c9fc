#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// A command's words, quoted so that a shell reads them back.
std::string shell_text(const std::vector<std::string>& words);

}  // namespace heed
