#pragma once
#include <cstdint>
#include <span>

#include "heed/base/export.h"

namespace HEED_ENGINE_API heed {

/// Which rows of a packed matrix belong to which sentence: sentence b owns rows [offsets[b], offsets[b] + lengths[b]).
/// There is no padding, and so nothing to mask: a position outside a sentence has no row.
struct SentenceRows {
  std::span<const int> offsets;
  std::span<const int> lengths;
  int longest = 0;
};

/// Positions [first, last) of a sentence, at least one.
struct PositionWindow {
  int first = 0;
  int last = 0;
};

/// Row r (a target position or a hypothesis) attends to sentence `sentence[r]`, or to a window of it. Matrices of
/// scores or weights are [rows, longest]; weights outside the window and beyond the sentence are exactly 0, and scores
/// there are never read or written: a row's work is that of its window.
struct Pairing {
  SentenceRows source;
  std::span<const int> sentence;                 ///< [rows]
  std::span<const PositionWindow> windows = {};  ///< [rows]; empty: whole sentences

  PositionWindow window(std::int64_t r) const {
    return windows.empty() ? PositionWindow{0, source.lengths[sentence[r]]} : windows[r];
  }
};

}  // namespace heed
