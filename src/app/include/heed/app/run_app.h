#pragma once
#include "heed/base/export.h"

namespace HEED_API heed {

/// The program `heed` with all its commands; returns the exit status. Your own main may call it after
/// add_attention_kind(): link heed::app.
int run_app(int argc, char** argv);

}  // namespace heed
