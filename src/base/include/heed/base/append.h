#pragma once
#include <filesystem>
#include <string_view>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Appends to a log, which is made if it is not there: all of `text`, or nothing, so that no half line or record is
/// left where the disk is full. Throws Error with the path and the system's reason.
void append_to_file(const std::filesystem::path& path, std::string_view text);

/// Throws Error now if what stands there is no regular file, nor a link to one: a pipe would be waited for, and a
/// device keeps nothing.
void check_appendable(const std::filesystem::path& path);

}  // namespace heed
