#include "values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "heed/base/error.h"
#include "heed/base/nearest.h"

namespace heed::python {

void refuse_type(std::string_view argument, const char* expected, nb::handle found) {
  const std::string type = nb::cast<std::string>(found.type().attr("__name__"), true);
  throw nb::type_error(fmt::format("{}: {} is expected, not {}", argument, expected, type).c_str());
}

namespace {

// Whole numbers of any library; but no bool, which Python counts among them.
nb::int_ whole(nb::handle value, std::string_view argument) {
  if (PyBool_Check(value.ptr()) || PyIndex_Check(value.ptr()) == 0) refuse_type(argument, "an int", value);
  nb::object number = nb::steal(PyNumber_Index(value.ptr()));
  if (!number.is_valid()) nb::raise_python_error();
  return nb::int_(number);
}

[[noreturn]] void refuse_size(std::string_view argument, const nb::object& number) {
  throw UsageError(fmt::format("{}: {} is too large or too small", argument, nb::str(number).c_str()));
}

}  // namespace

void read(nb::handle value, std::string_view argument, bool& into) {
  if (!PyBool_Check(value.ptr())) refuse_type(argument, "a bool", value);
  into = value.is(nb::handle(Py_True));
}

void read(nb::handle value, std::string_view argument, int& into) {
  const nb::int_ number = whole(value, argument);
  int overflow = 0;
  const long long out = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (overflow != 0 || out > std::numeric_limits<int>::max() || out < std::numeric_limits<int>::min())
    refuse_size(argument, number);
  into = static_cast<int>(out);
}

void read(nb::handle value, std::string_view argument, std::uint64_t& into) {
  const nb::int_ number = whole(value, argument);
  into = PyLong_AsUnsignedLongLong(number.ptr());
  if (PyErr_Occurred() == nullptr) return;
  PyErr_Clear();
  refuse_size(argument, number);
}

void read(nb::handle value, std::string_view argument, double& into) {
  const bool number = PyFloat_Check(value.ptr()) || PyIndex_Check(value.ptr()) != 0 || nb::hasattr(value, "__float__");
  if (PyBool_Check(value.ptr()) || !number) refuse_type(argument, "a number", value);
  into = PyFloat_AsDouble(value.ptr());
  if (PyErr_Occurred() == nullptr) return;
  if (PyErr_ExceptionMatches(PyExc_OverflowError) == 0) nb::raise_python_error();
  PyErr_Clear();
  refuse_size(argument, nb::borrow(value));
}

void read(nb::handle value, std::string_view argument, std::string& into) {
  if (!PyUnicode_Check(value.ptr())) refuse_type(argument, "a str", value);
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value.ptr(), &size);
  if (text == nullptr) nb::raise_python_error();  // a lone surrogate
  into.assign(text, static_cast<std::size_t>(size));
  // As in the lines of files; of a path, or of a word among others, what is behind it would count for nothing.
  if (const std::size_t at = into.find('\0'); at != into.npos)
    throw UsageError(fmt::format("{}: a NUL byte at byte {}; expected plain text", argument, at + 1));
}

nb::str text_of(const std::string& text) { return nb::str(text.data(), text.size()); }

nb::object or_none(const std::string& text) {
  return text.empty() ? nb::object(nb::none()) : nb::object(text_of(text));
}

nb::list texts_of(std::span<const std::string> texts) {
  nb::list out;
  for (const std::string& text : texts) out.append(text_of(text));
  return out;
}

nb::list links_of(std::span<const Link> links) {
  nb::list out;
  for (const Link& link : links) out.append(nb::make_tuple(link.source, link.target));
  return out;
}

int choice_of(nb::handle value, std::string_view argument, const std::vector<std::string>& words) {
  const auto word = value_of<std::string>(value, argument);
  const auto found = std::find(words.begin(), words.end(), word);
  if (found != words.end()) return static_cast<int>(found - words.begin());
  throw UsageError(fmt::format("{}: unknown '{}'; expected: {}{}", argument, word, fmt::join(words, " | "),
                               did_you_mean(word, words)));
}

}  // namespace heed::python
