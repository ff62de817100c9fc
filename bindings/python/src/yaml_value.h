#pragma once
#include <string>

#include "values.h"

namespace heed::python {

/// A YAML document, as Config writes it, as dicts, lists, numbers, bools, texts and None.
nb::object python_of_yaml(const std::string& yaml);

}  // namespace heed::python
