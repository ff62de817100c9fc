#pragma once
#include <cstdint>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Bytes of memory that this process has now (its resident set), and the most that it ever had; 0 where the system does
/// not tell.
std::int64_t resident_bytes();
std::int64_t peak_resident_bytes();

}  // namespace heed
