#pragma once
#include <string>
#include <vector>

namespace heed {

/// One sentence pair and where each target token looked.
struct AttentionPicture {
  std::vector<std::string> source;          ///< S tokens
  std::vector<std::string> target;          ///< T tokens, the end mark included
  std::vector<std::vector<float>> weights;  ///< [T][S], each in [0, 1]
};

struct TerminalOptions {
  bool colour = true;     ///< 256 colours; otherwise shades of block characters only
  bool unicode = true;    ///< otherwise ASCII shades
  std::size_t width = 100;  ///< columns of the terminal; wider pictures are split into panels of source tokens
};

/// A heat map: a row for each target token, a column for each source token, labels that are never cut in the middle of a character, and
/// a scale. Control characters and escape sequences in tokens are shown as text.
std::string render_terminal(const AttentionPicture& picture, const TerminalOptions& options);

}  // namespace heed
