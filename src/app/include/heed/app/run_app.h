#pragma once
#include "heed/base/export.h"

namespace HEED_API heed {

/// The program `heed` with all its commands; returns the exit status. A main of your own calls it after it has added
/// what is to be known to them (add_attention_kind): link heed::app.
int run_app(int argc, char** argv);

}  // namespace heed
