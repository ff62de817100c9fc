#pragma once
#include <array>

namespace heed::view {

struct Colour {
  int red = 0;
  int green = 0;
  int blue = 0;
};

/// The colours of weights 0, 1/8, ..., 1; between them they are interpolated. "mako" of seaborn (Waskom 2021): its
/// lightness changes evenly from end to end, so that the colour-blind and a black-and-white printer tell weights apart
/// too. On a light page weight 0 is the paper.
using Scale = std::array<Colour, 9>;
inline constexpr Scale kLightScale = {{{255, 255, 255},
                                       {205, 237, 219},
                                       {139, 218, 178},
                                       {73, 193, 173},
                                       {52, 162, 170},
                                       {53, 129, 163},
                                       {58, 95, 156},
                                       {64, 60, 116},
                                       {38, 22, 46}}};
inline constexpr Scale kDarkScale = {{{20, 22, 28},
                                      {42, 27, 52},
                                      {64, 57, 114},
                                      {57, 93, 156},
                                      {53, 127, 163},
                                      {52, 160, 170},
                                      {73, 193, 173},
                                      {152, 221, 185},
                                      {236, 251, 243}}};

/// The colour of a weight in [0, 1]; outside of it, that of the nearest end.
Colour colour_of(const Scale& scale, float weight);
/// CIE lightness L*, 0 to 100.
double lightness(const Colour& colour);

}  // namespace heed::view
