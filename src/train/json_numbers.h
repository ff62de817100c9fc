#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "fmt/format.h"
#include "heed/base/error.h"

namespace heed {

/// What messages show of a value that is not right; arrays and objects may be large.
inline std::string shown(const nlohmann::ordered_json& value) {
  return value.is_number() ? value.dump() : fmt::format("of type {}", value.type_name());
}

/// A whole number that fits with room to count on. Throws Error with the key: the library would take any number, and
/// what does not fit for anything.
template <typename Integer>
Integer count_of(const nlohmann::ordered_json& value, const char* key) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<Integer>::max() / 2);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() <= kMost) return value.get<Integer>();
  throw Error(fmt::format("'{}' is {}; expected a whole number from 0 to {}", key, shown(value), kMost));
}

template <typename Integer>
Integer count_at(const nlohmann::ordered_json& j, const char* key) {
  return count_of<Integer>(j.at(key), key);
}

inline double number_at(const nlohmann::ordered_json& j, const char* key, double least, double most) {
  const nlohmann::ordered_json& value = j.at(key);
  const double number = value.is_number() ? value.get<double>() : std::nan("");
  if (number >= least && number <= most) return number;
  throw Error(fmt::format("'{}' is {}; expected a number from {} to {}", key, shown(value), least, most));
}

}  // namespace heed
