#pragma once
#include <nanobind/nanobind.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "heed/base/links.h"

namespace heed::python {

namespace nb = nanobind;

/// Python's values, read strictly: another type raises TypeError, and a number that does not fit UsageError, with the
/// name of the argument.
[[noreturn]] void refuse_type(std::string_view argument, const char* expected, nb::handle found);
void read(nb::handle value, std::string_view argument, bool& into);
void read(nb::handle value, std::string_view argument, int& into);
void read(nb::handle value, std::string_view argument, double& into);
void read(nb::handle value, std::string_view argument, std::string& into);
void read(nb::handle value, std::string_view argument, std::uint64_t& into);
/// None leaves it empty.
template <typename Value>
void read(nb::handle value, std::string_view argument, std::optional<Value>& into) {
  into.reset();
  if (!value.is_none()) read(value, argument, into.emplace());
}
/// Of a list or tuple, never of a text, whose characters would be its values.
template <typename Value>
void read(nb::handle value, std::string_view argument, std::vector<Value>& into) {
  if (!nb::isinstance<nb::list>(value) && !nb::isinstance<nb::tuple>(value)) refuse_type(argument, "a list", value);
  into.clear();
  for (const nb::handle each : nb::iter(value)) {
    Value& added = into.emplace_back();
    read(each, std::string(argument) + "[" + std::to_string(into.size() - 1) + "]", added);
  }
}
/// Where the dict has none, `into` stays as it is.
template <typename Value>
void read_given(const nb::dict& from, const char* argument, Value& into) {
  if (from.contains(argument)) read(from[argument], argument, into);
}
template <typename Value>
Value value_of(nb::handle value, std::string_view argument) {
  Value out{};
  read(value, argument, out);
  return out;
}

/// What a callback says: whatever is false ends what it was called of, but None, which functions return that say
/// nothing.
inline bool goes_on(nb::handle answer) { return answer.is_none() || nb::cast<bool>(nb::bool_(answer)); }

/// C++'s values as Python's.
nb::str text_of(const std::string& text);
nb::object or_none(const std::string& text);  ///< None for an empty one
nb::list texts_of(std::span<const std::string> texts);
nb::list links_of(std::span<const Link> links);  ///< (source, target)

/// One of some words; UsageError, with the nearest, for another.
int choice_of(nb::handle value, std::string_view argument, const std::vector<std::string>& words);

}  // namespace heed::python
