#pragma once
#include <cstddef>
#include <string>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Throws Error unless `bytes` of address space are left (`ulimit -v`), for libraries that end the process when an
/// allocation fails (GLib). `what` names who needs it in the message: "the drawing of text".
void require_address_space(std::size_t bytes, const char* what);

/// " (ulimit -v is 230000 KiB)" where the address space of this process is limited, for messages; or "".
std::string address_limit();

/// Where the address space of this process is limited, threads that start later have no heap of their own: glibc takes
/// 64 to 128 MiB of it for each at its first allocation, which may come just after require_address_space in another.
void share_a_heap_in_limited_space();

}  // namespace heed
