#pragma once
#include <string>

#include "heed/translate/translator.h"
#include "output.h"

namespace heed::app {

/// The attention of a translation for the terminal; "" if it has none (an empty line).
std::string draw(const Translated& translated, const Translation& translation, const Output& output);

}  // namespace heed::app
