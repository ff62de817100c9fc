#include "heed/base/rng.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace heed {
namespace {

// splitmix64 (Steele, Lea and Flood 2014): advances the state and returns a well mixed word.
std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = split_mix(seed);
}

Rng Rng::stream(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  std::uint64_t mixed = split_mix(seed);
  mixed ^= a;
  mixed = split_mix(mixed);
  mixed ^= b;
  return Rng(split_mix(mixed));
}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::uint64_t Rng::below(std::uint64_t bound) {
  // Words under 2^64 mod bound are drawn again: what is left is a whole number of rounds of `bound`.
  const std::uint64_t threshold = -bound % bound;
  std::uint64_t word = next();
  while (word < threshold) word = next();
  return word % bound;
}

double Rng::normal() {
  // The second value of the pair is not kept: the state stays four plain words.
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace heed
