#pragma once
#include <filesystem>

namespace heed {

/// What was written to an open file is on the disk. Returns 0 or the error number; pipes, devices and some file systems
/// have nothing to sync.
int sync_file(int file);
int sync_path(const std::filesystem::path& path);
/// Everything in a directory, then the directory itself. Throws Error, in which `shown` stands for `root`.
void sync_tree(const std::filesystem::path& root, const std::filesystem::path& shown);

}  // namespace heed
