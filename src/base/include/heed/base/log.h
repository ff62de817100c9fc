#pragma once
#include <functional>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_API heed {

enum class LogLevel { kInfo, kWarning };

/// Receives the library's few messages. The library never prints: the caller passes a sink, or none.
using LogSink = std::function<void(LogLevel, std::string_view)>;

}  // namespace heed
