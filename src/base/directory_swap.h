#pragma once
#include <filesystem>

namespace heed {

/// Puts the directory `fresh` in the place of `target`. If `target` exists, the two change places in one step, so that
/// at no moment there is none; the old one then lies at `fresh`. Where the file system can not exchange (or
/// `may_exchange` is false) the old one is moved aside first, and back if the second step fails.
/// Returns 0 or the error number.
int swap_in_directory(const std::filesystem::path& fresh, const std::filesystem::path& target,
                      bool may_exchange = true);

}  // namespace heed
