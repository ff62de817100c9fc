#pragma once
#include <filesystem>

namespace heed {

/// The processors that the control groups of this process leave it, 1.5 for a quota of 150 ms in 100 ms; infinite
/// without a quota. `root` is where /proc and /sys lie.
double cgroup_processors(const std::filesystem::path& root = "/");

}  // namespace heed
