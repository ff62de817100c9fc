#pragma once
#include <functional>

#include "heed/ranks/ranks.h"

namespace heed::app {

/// Does a command's work alone (nullptr), or as one of the processes that mpirun or srun started. What ends it in one
/// ends all, and one tells.
void in_ranks(const std::function<void(Ranks* ranks)>& work);

}  // namespace heed::app
