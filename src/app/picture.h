#pragma once
#include <string>

#include "heed/record/translation.h"
#include "output.h"

namespace heed::app {

/// The attention of translation `place`, of several layers and heads the mean, for the terminal; "" if it has none (an
/// empty line).
std::string draw(const Translated& translated, std::size_t place, const Output& output);

/// The same of the best for messages, on standard error.
std::string draw_for_messages(const Translated& translated);

}  // namespace heed::app
