#pragma once
#include <filesystem>
#include <string>

#include "heed/base/folder.h"

namespace heed {

/// The text of a bundle's config.yaml. Throws Error for a file that is none, and for the format of a newer version,
/// which may have keys that are unknown here.
std::string read_config_text(const Folder& bundle);
/// Whether the file says which format it has, as those of bundles do.
bool has_format_version(const std::filesystem::path& path);

}  // namespace heed
