#pragma once
#include <functional>
#include <string>

#include "heed/translate/translator.h"
#include "output.h"

namespace heed::app {

/// Reads sentences from standard input, one a line, and answers each at once with its translation, the alternatives,
/// and a picture of the attention, until an empty line, a word that ends, or the end of the input. Ctrl-C drops the
/// line at hand; a second one throws Interrupted.
void translate_interactively(const Translator& translator, const TranslateOptions& options, Output& out);

}  // namespace heed::app
