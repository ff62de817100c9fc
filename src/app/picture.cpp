#include "picture.h"

#include <unistd.h>

#include "heed/view/terminal.h"

namespace heed::app {

namespace {

std::string draw_with(const Translated& translated, const Translation& translation, const TerminalOptions& options) {
  if (translation.attention.empty()) return "";
  return render_terminal({translated.source_tokens, translation.tokens, translation.attention}, options);
}

}  // namespace

std::string draw(const Translated& translated, const Translation& translation, const Output& output) {
  TerminalOptions options;
  options.colour = output.has_colour();
  options.unicode = output.has_unicode();
  options.width = output.width();
  return draw_with(translated, translation, options);
}

std::string draw_for_messages(const Translated& translated, const Translation& translation) {
  TerminalOptions options;
  options.colour = shows_colour(STDERR_FILENO);
  options.unicode = shows_unicode(STDERR_FILENO);
  options.width = terminal_width(STDERR_FILENO);
  return draw_with(translated, translation, options);
}

}  // namespace heed::app
