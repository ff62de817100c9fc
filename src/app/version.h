#pragma once

namespace heed::app {

/// The project's version of CMakeLists.txt.
#ifdef HEED_VERSION
inline constexpr const char* kVersion = HEED_VERSION;
#else
inline constexpr const char* kVersion = "0.1.0";
#endif

}  // namespace heed::app
