#pragma once
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

inline constexpr std::uintmax_t kAnySize = std::numeric_limits<std::uintmax_t>::max();
inline constexpr std::uintmax_t kMostOfSmallFile = std::uintmax_t{1} << 20;  // of a configuration or of checksums
inline constexpr std::uintmax_t kMostOfFile = std::uintmax_t{1} << 30;       // of a vocabulary, say

/// The whole of a regular file, as bundles and runs have them. Throws Error for a pipe or a device, which may have no
/// end, and never waits for one; and for more than `most` bytes, before it takes memory.
std::string read_regular_file(const std::filesystem::path& path, std::uintmax_t most = kMostOfFile);

/// Of any file, a pipe or a device too, the first `most` bytes at most.
std::string read_front(const std::filesystem::path& path, std::uintmax_t most);

}  // namespace heed
