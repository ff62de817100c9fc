#pragma once
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "heed/base/error.h"
#include "heed/base/nearest.h"

namespace heed {

/// The names of the rows of a table of what an option may be.
template <typename Choice>
std::vector<std::string> names_of(const std::vector<Choice>& choices) {
  std::vector<std::string> out;
  out.reserve(choices.size());
  for (const Choice& choice : choices) out.push_back(choice.name);
  return out;
}

/// The row with that name. Throws UsageError that has the option's name, `key`, and all choices.
template <typename Choice>
const Choice& chosen(const char* key, const std::string& value, const std::vector<Choice>& choices) {
  const auto found =
      std::find_if(choices.begin(), choices.end(), [&](const Choice& choice) { return choice.name == value; });
  if (found != choices.end()) return *found;
  const std::vector<std::string> names = names_of(choices);
  throw UsageError(
      fmt::format("unknown {} '{}'; known are {}{}", key, value, fmt::join(names, ", "), did_you_mean(value, names)));
}

}  // namespace heed
