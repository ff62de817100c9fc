// What Heed uses of C++20 and the C++ library of emscripten 3.1.6 (Debian 12) lacks, for src/wasm alone: each compiler
// call of that build includes it first. A newer library has all of it, and this is empty.
#pragma once
#include <version>

#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 20000
#include <charconv>
#include <cstdlib>
#include <string>

namespace std {

/// As the standard has it: no blanks, no plus, no 0x in front, and what is not finite is out of range.
inline from_chars_result from_chars(const char* first, const char* last, double& value) {
  const string text(first, last);
  const size_t digits = text.starts_with('-') ? 1 : 0;
  const bool begins = digits < text.size() && text.find_first_of("0123456789.in", digits) == digits;
  const bool hexadecimal = text.size() > digits + 1 && (text[digits + 1] == 'x' || text[digits + 1] == 'X');
  if (!begins || hexadecimal) return {first, errc::invalid_argument};
  char* end = nullptr;
  const double read = strtod(text.c_str(), &end);
  if (end == text.c_str()) return {first, errc::invalid_argument};
  value = read;
  return {first + (end - text.c_str()), errc()};
}

}  // namespace std
#endif

#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 14000
namespace std {

template <typename To, typename From>
constexpr To bit_cast(const From& from) {
  return __builtin_bit_cast(To, from);
}

}  // namespace std
#endif

#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 15000
#include <algorithm>
#include <functional>
#include <iterator>
#include <ranges>
#include <utility>

namespace std::ranges {

template <typename Range, typename Test, typename Part = identity>
constexpr auto find_if(Range&& range, Test test, Part part = {}) {
  return std::find_if(begin(range), end(range), [&](auto&& one) { return invoke(test, invoke(part, one)); });
}
template <typename Range, typename Value, typename Part = identity>
constexpr auto find(Range&& range, const Value& value, Part part = {}) {
  return std::find_if(begin(range), end(range), [&](auto&& one) { return invoke(part, one) == value; });
}
template <typename Range, typename Test>
constexpr bool any_of(Range&& range, Test test) {
  return std::any_of(begin(range), end(range), std::ref(test));
}
template <typename Range, typename Test>
constexpr bool all_of(Range&& range, Test test) {
  return std::all_of(begin(range), end(range), std::ref(test));
}
template <typename Range, typename Test>
constexpr bool none_of(Range&& range, Test test) {
  return std::none_of(begin(range), end(range), std::ref(test));
}
template <typename Range, typename Test>
constexpr auto count_if(Range&& range, Test test) {
  return std::count_if(begin(range), end(range), std::ref(test));
}
template <typename Range, typename Value>
constexpr auto count(Range&& range, const Value& value) {
  return std::count(begin(range), end(range), value);
}
template <typename Range, typename Function>
constexpr void for_each(Range&& range, Function function) {
  std::for_each(begin(range), end(range), std::ref(function));
}
template <typename First, typename Second>
constexpr bool equal(First&& first, Second&& second) {
  return std::equal(begin(first), end(first), begin(second), end(second));
}
template <typename Range, typename Less = less, typename Part = identity>
constexpr void sort(Range&& range, Less is_less = {}, Part part = {}) {
  std::sort(begin(range), end(range),
            [&](auto&& a, auto&& b) { return invoke(is_less, invoke(part, a), invoke(part, b)); });
}
template <typename Range, typename Less = less, typename Part = identity>
constexpr void stable_sort(Range&& range, Less is_less = {}, Part part = {}) {
  std::stable_sort(begin(range), end(range),
                   [&](auto&& a, auto&& b) { return invoke(is_less, invoke(part, a), invoke(part, b)); });
}
template <typename Range, typename Value, typename Less = less, typename Part = identity>
constexpr auto lower_bound(Range&& range, const Value& value, Less is_less = {}, Part part = {}) {
  return std::lower_bound(begin(range), end(range), value,
                          [&](auto&& one, const Value& than) { return invoke(is_less, invoke(part, one), than); });
}
template <typename Range, typename Value, typename Less = less, typename Part = identity>
constexpr auto upper_bound(Range&& range, const Value& value, Less is_less = {}, Part part = {}) {
  return std::upper_bound(begin(range), end(range), value,
                          [&](const Value& than, auto&& one) { return invoke(is_less, than, invoke(part, one)); });
}
template <typename Range, typename Less = less, typename Part = identity>
constexpr auto max_element(Range&& range, Less is_less = {}, Part part = {}) {
  return std::max_element(begin(range), end(range),
                          [&](auto&& a, auto&& b) { return invoke(is_less, invoke(part, a), invoke(part, b)); });
}

}  // namespace std::ranges
#endif
