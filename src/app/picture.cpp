#include "picture.h"

#include "heed/view/terminal.h"

namespace heed::app {

std::string draw(const Translated& translated, const Translation& translation, const Output& output) {
  if (translation.attention.empty()) return "";
  TerminalOptions options;
  options.colour = output.has_colour();
  options.unicode = output.has_unicode();
  options.width = output.width();
  return render_terminal({translated.source_tokens, translation.tokens, translation.attention}, options);
}

}  // namespace heed::app
