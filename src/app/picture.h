#pragma once
#include <string>

#include "heed/translate/translator.h"
#include "output.h"

namespace heed::app {

/// The attention of a translation for the terminal; "" if it has none (an empty line).
std::string draw(const Translated& translated, const Translation& translation, const Output& output);

/// The same for messages, on standard error.
std::string draw_for_messages(const Translated& translated, const Translation& translation);

}  // namespace heed::app
