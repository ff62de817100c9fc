#pragma once
#include <cstdint>
#include <cstdlib>
#include <string>

namespace heed {

/// The seed of a test that trains or draws a model: `seed`, moved by HEED_TEST_SEED_OFFSET. What such a test asserts
/// must hold for every seed; tests/ten-seeds looks whether it does.
inline std::uint64_t test_seed(std::uint64_t seed) {
  static const char* const offset = std::getenv("HEED_TEST_SEED_OFFSET");
  return offset == nullptr ? seed : seed + std::stoull(offset);
}

}  // namespace heed
