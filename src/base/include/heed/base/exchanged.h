#pragma once
#include <sys/stat.h>

#include <filesystem>
#include <tuple>

#include "heed/base/error.h"
#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Reads a directory that an AtomicDirectory may exchange meanwhile (a training saves), again if it was exchanged while
/// `read` ran. `read` throws Error for files that do not fit together.
template <typename Read>
auto read_directory(const std::filesystem::path& directory, const Read& read) {
  constexpr int kTries = 20;
  // File systems give the number of a directory that is gone to the next one.
  const auto identity = [&directory] {
    struct stat status = {};
    if (stat(directory.c_str(), &status) != 0) status = {};
    return std::tuple(status.st_dev, status.st_ino, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
  };
  for (int i = 1; i < kTries; ++i) {
    const auto before = identity();
    try {
      return read();
    } catch (const Error&) {
      if (identity() == before) throw;
    }
  }
  return read();
}

}  // namespace heed
