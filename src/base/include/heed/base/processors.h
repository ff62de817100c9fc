#pragma once
#include <string>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// How many processors this process may keep busy: those of its affinity mask, and no more than the quotas of its
/// control groups (v1 and v2) amount to, rounded up. At least 1, at most 256.
int usable_processors();

/// How many the machine has.
int all_processors();

/// "2 of 16 processors", or "32 threads on 16 processors".
std::string share_of_processors(int threads);

}  // namespace heed
