#pragma once
#include <string>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Words of a command as a shell would read them again.
std::string shell_text(const std::vector<std::string>& words);

}  // namespace heed
