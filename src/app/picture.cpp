#include "picture.h"

#include <unistd.h>

#include "heed/view/terminal.h"
#include "heed/view/viewed_sentence.h"

namespace heed::app {
namespace {

/// What the weights are the mean of, where there is more than one look.
std::string measure_of(const Translation& translation) {
  std::vector<int> heads;
  for (const auto& layer : translation.attention_layers) heads.push_back(static_cast<int>(layer.size()));
  return name_of_mean(heads);
}

std::string draw_with(const Translated& translated, const Translation& translation, const TerminalOptions& options) {
  if (translation.attention.empty()) return "";
  return render_terminal(picture_of(translated, translation), options);
}

}  // namespace

AttentionPicture picture_of(const Translated& translated, const Translation& translation) {
  ViewedSentence viewed;
  viewed.source = translated.source;
  viewed.source_tokens = translated.source_tokens;
  viewed.source_ranges = translated.source_ranges;
  ViewedTranslation& to = viewed.translations.emplace_back();
  to.text = translation.text;
  to.tokens = translation.tokens;
  to.ranges = translation.ranges;
  to.attention = translation.attention;
  if (translation.copied) to.copied = *translation.copied;
  AttentionPicture picture = heed::picture_of(viewed, {.merging = Merging::kPieces});
  picture.measure = measure_of(translation);
  return picture;
}

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
