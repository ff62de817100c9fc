#pragma once
#include "heed/translate/translator.h"
#include "values.h"

namespace heed::python {

/// The keyword arguments of Translator.translate() as options: a value for each of option_names(), since a call for one
/// short sentence notices the time that a dict takes. TypeError and UsageError name them.
TranslateOptions translate_options(const nb::tuple& values);
nb::tuple option_names();

}  // namespace heed::python
