#pragma once

namespace heed {

/// What stands behind "version:" in signatures: ours, since the figures are computed here. The project's version of
/// CMakeLists.txt; a test compares the two.
inline constexpr const char* kSignatureVersion = "heed-0.1.0";

}  // namespace heed
