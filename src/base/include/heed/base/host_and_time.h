#pragma once
#include <string>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// "localhost" if the system does not say.
std::string host_name();

/// Universal time, as strftime() writes it; ISO 8601 if nothing else is asked for.
std::string utc_now(const char* format = "%Y-%m-%dT%H:%M:%SZ");

}  // namespace heed
