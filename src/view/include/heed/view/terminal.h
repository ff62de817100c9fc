#pragma once
#include <cstddef>
#include <string>

#include "heed/base/export.h"
#include "heed/view/attention_picture.h"

namespace HEED_API heed {

struct TerminalOptions {
  bool colour = true;       ///< 256 colours; otherwise shades of block characters only
  bool unicode = true;      ///< otherwise ASCII shades
  std::size_t width = 100;  ///< columns of the terminal; wider pictures are split into panels of source tokens
};

/// A heat map: a row for each target token, a column for each source token, the strongest cell of each row marked, and
/// a scale, and what the weights are if the picture says it. Source labels stand in full above their columns, as flags
/// on poles. A label longer than the terminal is cut between characters, never in one; nothing is wider than the
/// terminal if that has 12 columns. Control characters, escape sequences and bytes that are not UTF-8 are shown as
/// text. Ends with a line feed. Throws Error if `weights` is not [T][S]. Weights below 0, above 1 or not finite are
/// drawn as the nearest of 0 and 1.
std::string render_terminal(const AttentionPicture& picture, const TerminalOptions& options);

}  // namespace heed
