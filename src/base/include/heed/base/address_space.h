#pragma once
#include <cstddef>
#include <string>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Throws Error unless so many bytes of address space are left (`ulimit -v`). For libraries that end the process where
/// they get none: oneDNN writes code where there is no memory, GLib aborts. `what` is what needs it: "compiled
/// products".
void require_address_space(std::size_t bytes, const char* what);

/// " (ulimit -v is 230000 KiB)" where the address space of this process is limited, for messages; or "".
std::string address_limit();

}  // namespace heed
