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

/// A heat map: a row for each target token, a column for each source token, the strongest cell of each row marked, a
/// scale, and the picture's `measure`. Source labels are flags on poles above their columns. A label longer than the
/// terminal is cut between characters; nothing is wider than a terminal of 12 columns or more. Control characters and
/// bytes that are not UTF-8 are made visible. Ends with a line feed. Throws Error if `weights` is not [T][S]. Weights
/// outside [0, 1] or not finite are clamped.
std::string render_terminal(const AttentionPicture& picture, const TerminalOptions& options);

}  // namespace heed
