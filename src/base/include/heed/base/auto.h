#pragma once
#include "heed/base/export.h"

namespace HEED_API heed {

/// What leaves the value of a key to the program.
inline constexpr const char* kAuto = "auto";

}  // namespace heed
