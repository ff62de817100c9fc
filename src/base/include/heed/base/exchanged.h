#pragma once
#include <sys/stat.h>

#include <filesystem>

#include "heed/base/error.h"

namespace heed {

/// Reads a directory that an AtomicDirectory may put another in the place of meanwhile (a training saves): what was
/// read of both does not fit together, and is read again. `read` throws Error where that is so.
template <typename Read>
auto read_directory(const std::filesystem::path& directory, const Read& read) {
  constexpr int kTries = 20;
  const auto number = [&directory] {
    struct stat status = {};
    return stat(directory.c_str(), &status) == 0 ? status.st_ino : 0;
  };
  for (int i = 1; i < kTries; ++i) {
    const ino_t before = number();
    try {
      return read();
    } catch (const Error&) {
      if (number() == before) throw;
    }
  }
  return read();
}

}  // namespace heed
