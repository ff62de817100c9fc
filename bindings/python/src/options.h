#pragma once
#include "heed/translate/translator.h"
#include "values.h"

namespace heed::python {

/// The keyword arguments of Translator.translate() as options: a value for each of option_names(), since a call for one
/// short sentence notices the time that a dict takes. TypeError and UsageError name them.
TranslateOptions translate_options(const nb::tuple& values);
nb::tuple option_names();

/// None, a number of tokens, "x1.5+30", or (ratio, extra).
std::optional<OutputLimit> output_limit_of(nb::handle value, std::string_view argument);

}  // namespace heed::python
