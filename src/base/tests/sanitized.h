#pragma once

namespace heed {

/// Whether what is tested runs under a sanitizer: some fifty times as long where it computes. Tests are smaller then.
#ifdef HEED_SANITIZED
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace heed
