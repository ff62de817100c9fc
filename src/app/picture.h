#pragma once
#include <string>

#include "heed/translate/translator.h"
#include "heed/view/attention_picture.h"
#include "output.h"

namespace heed::app {

/// The attention of a translation, of several layers and heads the mean.
AttentionPicture picture_of(const Translated& translated, const Translation& translation);

/// It for the terminal; "" if it has none (an empty line).
std::string draw(const Translated& translated, const Translation& translation, const Output& output);

/// The same for messages, on standard error.
std::string draw_for_messages(const Translated& translated, const Translation& translation);

}  // namespace heed::app
