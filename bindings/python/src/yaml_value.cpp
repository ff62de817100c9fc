#include "yaml_value.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>

namespace heed::python {
namespace {

template <typename Number>
bool is_number(const std::string& text, Number& into) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, into);
  return error == std::errc() && stop == end;
}

nb::object scalar_of(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "?") {  // not in quotes
    long whole = 0;
    double real = 0;
    if (text == "true" || text == "false") return nb::bool_(text == "true");
    if (is_number(text, whole)) return nb::int_(whole);
    if (is_number(text, real) && std::isfinite(real)) return nb::float_(real);  // a folder may be called nan
  }
  return nb::str(text.data(), text.size());
}

nb::object object_of(const YAML::Node& node) {
  if (node.IsMap()) {
    nb::dict out;
    for (const auto& pair : node) out[scalar_of(pair.first)] = object_of(pair.second);
    return out;
  }
  if (node.IsSequence()) {
    nb::list out;
    for (const YAML::Node& each : node) out.append(object_of(each));
    return out;
  }
  return node.IsScalar() ? scalar_of(node) : nb::object(nb::none());
}

}  // namespace

nb::object python_of_yaml(const std::string& yaml) { return object_of(YAML::Load(yaml)); }

}  // namespace heed::python
