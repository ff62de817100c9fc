#pragma once
#include <functional>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_API heed {

enum class LogLevel { kInfo, kWarning };

/// Where the library's few messages go. The library never prints: whoever calls it hands in a sink (or none).
using LogSink = std::function<void(LogLevel, std::string_view)>;

}  // namespace heed
