#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// xoshiro256** (Blackman and Vigna 2018), seeded through splitmix64. The state is a plain value, so that a resumed
/// training continues the same stream. Equal on every platform: it uses no std distribution.
class Rng {
 public:
  using State = std::array<std::uint64_t, 4>;

  explicit Rng(std::uint64_t seed = 1);
  /// An independent stream for (seed, a, b), e.g. (seed, update, worker), without state between them.
  static Rng stream(std::uint64_t seed, std::uint64_t a, std::uint64_t b = 0);

  std::uint64_t next();
  /// Uniform in [0, 1).
  double uniform();
  /// Uniform integer in [0, bound); bound >= 1.
  std::uint64_t below(std::uint64_t bound);
  /// Standard normal (Box-Muller).
  double normal();

  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  State state_;
};

/// Fisher-Yates.
template <typename T>
void shuffle(std::vector<T>& values, Rng& rng) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[rng.below(i)]);
}

}  // namespace heed
