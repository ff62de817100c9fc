#pragma once
#include "heed/translate/translator.h"
#include "values.h"

namespace heed::python {

/// The keyword arguments of Translator.translate(), by their names, as options. TypeError and ValueError name them.
TranslateOptions translate_options(const nb::dict& arguments);

/// None, a number of tokens, "x1.5+30", or (ratio, extra).
std::optional<OutputLimit> output_limit_of(nb::handle value, const std::string& argument);

}  // namespace heed::python
