#pragma once
#include <span>

#include "heed/view/attention_picture.h"
#include "sheet.h"
#include "typesetter.h"

namespace heed::view {

/// The pictures on one sheet: a grid of heat maps and a colour bar. Throws Error if there is nothing to draw.
Sheet lay_out(std::span<const AttentionPicture> pictures, const DrawingOptions& options, const Typesetter& typesetter);

}  // namespace heed::view
