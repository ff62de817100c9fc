#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "heed/base/export.h"
#include "heed/base/links.h"
#include "heed/record/translation.h"

namespace HEED_API heed {

/// One sentence pair with its attention, for terminal, SVG and PNG.
struct AttentionPicture {
  std::vector<std::string> source;          ///< S tokens
  std::vector<std::string> target;          ///< T tokens, EOS included
  std::vector<std::vector<float>> weights;  ///< [T][S], each in [0, 1]
  std::string title = {};                   ///< above the picture; may be empty
  std::string measure = {};                 ///< description of the weights beside the scale: "mean of 4 heads"
  std::vector<int> copied = {};             ///< target tokens that were copied from the source
  std::vector<Link> sure = {};              ///< links of a gold alignment, of tokens
  std::vector<Link> possible = {};
};

/// The name of the mean over layers with these numbers of heads: "mean of 4 heads"; "mean of 3 layers" for unequal
/// numbers, since layers count equally; "" for one of each.
std::string name_of_mean(std::span<const int> heads);

/// Throws Error unless `weights` is [T][S].
void check_shape(const AttentionPicture& picture);

/// Whether tokens are merged to words: weights are summed over a source word's tokens, averaged over a target word's.
enum class Merging {
  kNever,
  kPieces,  ///< if the tokenizer's marks show sub-words (SentencePiece, subword-nmt) and there are several words
  kAlways
};

/// The choice of what is drawn.
struct PictureChoice {
  int translation = 0;  ///< counted from 0, as all here
  int layer = -1;       ///< -1: the mean over layers and heads
  int head = -1;        ///< -1: the mean over the layer's heads
  Merging merging = Merging::kNever;
};

/// The chosen weights as a picture. Throws Error, with the counts, if there is no such translation, layer or head.
AttentionPicture picture_of(const Translated& sentence, const PictureChoice& choice);

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
