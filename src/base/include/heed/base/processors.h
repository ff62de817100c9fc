#pragma once
#include <string>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// How many processors this process may use: those of its affinity mask, bounded by the quotas of its control groups
/// (v1 and v2), rounded up. 1 to 256.
int usable_processors();

/// Which processors those of the affinity mask are: the same text for processes that share them.
std::string processors_text();

/// The machine's number of processors.
int all_processors();

/// "2 of 16 processors", or "32 threads on 16 processors".
std::string share_of_processors(int threads);

}  // namespace heed
