#pragma once
#include <span>
#include <string>

#include "heed/base/export.h"
#include "heed/view/attention_picture.h"

namespace HEED_API heed {

/// How heat maps for papers and slides look.
struct DrawingOptions {
  int columns = 2;        ///< pictures beside each other in a grid
  bool dark = false;      ///< for dark slides; otherwise for paper
  bool numbers = false;   ///< each weight in its cell, 2 decimals
  double resolution = 2;  ///< PNG: pixels for a point of the SVG
};

/// One heat map or a grid of several, row by row: rows are target tokens, columns are source tokens, with a title each,
/// whole labels, gold links where there are any, and one colour bar with numbers. Labels are laid out by Pango with the
/// fonts of the system: scripts from right to left, East Asian ones and combining marks stand as they should. Pictures
/// without a token are left out. Throws Error if there is nothing to draw, `weights` does not fit, the picture would be
/// larger than an image can be, or the system has no font.
std::string render_svg(std::span<const AttentionPicture> pictures, const DrawingOptions& options);
/// The same as the bytes of a PDF file of one page.
std::string render_pdf(std::span<const AttentionPicture> pictures, const DrawingOptions& options);
/// The same as the bytes of a PNG file.
std::string render_png(std::span<const AttentionPicture> pictures, const DrawingOptions& options);

}  // namespace heed
