#include "picture.h"

#include <unistd.h>

#include "heed/view/attention_picture.h"

namespace heed::app {
namespace {

std::string draw_with(const Translated& translated, std::size_t place, const TerminalOptions& options) {
  if (translated.translations[place].attention.empty()) return "";
  const PictureChoice choice{.translation = static_cast<int>(place), .merging = Merging::kPieces};
  return render_terminal(picture_of(translated, choice), options);
}

}  // namespace

std::string draw(const Translated& translated, std::size_t place, const Output& output) {
  TerminalOptions options;
  options.colour = output.has_colour();
  options.unicode = output.has_unicode();
  options.width = output.width();
  return draw_with(translated, place, options);
}

std::string draw_for_messages(const Translated& translated) {
  TerminalOptions options;
  options.colour = shows_colour(STDERR_FILENO);
  options.unicode = shows_unicode(STDERR_FILENO);
  options.width = terminal_width(STDERR_FILENO);
  return draw_with(translated, 0, options);
}

}  // namespace heed::app
