#pragma once
#include <span>
#include <string>

#include "heed/base/export.h"
#include "heed/view/attention_picture.h"

namespace HEED_API heed {

/// Options of heat maps for papers and slides.
struct DrawingOptions {
  int columns = 2;        ///< pictures in a row of a grid
  bool dark = false;      ///< for dark slides; otherwise for paper
  bool numbers = false;   ///< each weight in its cell, 2 decimals
  double resolution = 2;  ///< PNG: pixels for a point of the SVG
};

/// One heat map or a grid of several, row by row: rows are target tokens, columns are source tokens, with titles, whole
/// labels, gold links if given, and one colour bar with numbers. Pango lays out labels of all scripts with the system's
/// fonts. Pictures without a token are left out. Throws Error if there is nothing to draw, `weights` does not fit, the
/// picture is too large for an image, or the system has no font.
std::string render_svg(std::span<const AttentionPicture> pictures, const DrawingOptions& options);
/// The same as the bytes of a PDF file of one page.
std::string render_pdf(std::span<const AttentionPicture> pictures, const DrawingOptions& options);
/// The same as the bytes of a PNG file.
std::string render_png(std::span<const AttentionPicture> pictures, const DrawingOptions& options);

}  // namespace heed
