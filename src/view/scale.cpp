#include "scale.h"

#include <algorithm>
#include <cmath>

namespace heed::view {
namespace {

double linear(int channel) {
  const double c = channel / 255.0;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

int mix(int a, int b, double part) { return static_cast<int>(std::lround(a + (b - a) * part)); }

}  // namespace

Colour colour_of(const Scale& scale, float weight) {
  const double at = (weight > 0 ? std::min(weight, 1.0f) : 0.0f) * static_cast<double>(scale.size() - 1);
  const auto step = std::min(static_cast<std::size_t>(at), scale.size() - 2);
  const double part = at - static_cast<double>(step);
  const Colour& a = scale[step];
  const Colour& b = scale[step + 1];
  return {mix(a.red, b.red, part), mix(a.green, b.green, part), mix(a.blue, b.blue, part)};
}

double lightness(const Colour& colour) {
  const double y = 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
  return y > 0.008856 ? 116 * std::cbrt(y) - 16 : 903.3 * y;
}

}  // namespace heed::view
