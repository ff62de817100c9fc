#pragma once
#include <string>
#include <vector>

#include "sheet.h"

namespace heed::view {

/// The characters of a stacked text: each with the marks that belong to it.
std::vector<std::string> stacked_characters(const std::string& text);

/// Only of characters that stand upright in vertical text: wide ones, perhaps with SentencePiece's mark before them.
bool stands_upright(const std::string& text);

/// The text as a vertical line around `whole.x`, the baseline of its first character at `whole.y`: stacks of upright
/// characters, and each that does not stand upright in vertical text where and as it stands there.
std::vector<SheetText> vertical_line(const SheetText& whole);

}  // namespace heed::view
