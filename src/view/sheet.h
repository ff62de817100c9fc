#pragma once
#include <string>
#include <vector>

#include "scale.h"

namespace heed::view {

enum class Anchor { kLeft, kMiddle, kRight };  ///< where on the text, as it is seen, its place is

enum class Turn { kNone, kUp, kDown };  ///< a quarter: the text runs upwards or downwards

/// Text on a sheet. Of a stacked one each character stands below the one before it.
struct SheetText {
  double x = 0;  ///< of the anchor
  double y = 0;  ///< of the baseline
  std::string text = {};
  double size = 11;
  Anchor anchor = Anchor::kLeft;
  Colour colour = {};
  bool bold = false;
  bool underlined = false;
  Turn turn = Turn::kNone;  ///< around its place
  bool stacked = false;     ///< `size` * kStackedLine from one character to the next
};
inline constexpr double kStackedLine = 1.12;

struct SheetBox {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
  Colour colour = {};
  bool filled = true;  ///< otherwise its border
  bool dashed = false;
  std::string weight = {};  ///< of a cell: its weight, as text
  std::string title = {};   ///< what a pointer on it is told
};

/// A picture as a list of boxes and texts, in the order in which they are drawn; in points, y runs down.
struct Sheet {
  double width = 0;
  double height = 0;
  Colour background;
  std::vector<SheetBox> boxes;
  std::vector<SheetText> texts;  ///< above the boxes
};

/// A single-line text's extent, in points.
struct TextSize {
  double width = 0;
  double ascent = 0;   ///< above the baseline
  double descent = 0;  ///< below it
  bool rtl = false;    ///< runs from right to left
};

}  // namespace heed::view
