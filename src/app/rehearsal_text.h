#pragma once
#include <string>

#include "heed/train/rehearsal.h"

namespace heed::app {

/// The report of `heed train --dry-run`: parameters, data, memory, time.
std::string to_text(const Rehearsal& rehearsal);

}  // namespace heed::app
