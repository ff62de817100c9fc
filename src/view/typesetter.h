#pragma once
#include <memory>
#include <string>

#include "sheet.h"

namespace heed::view {

/// The fonts of the system, by way of Pango and cairo: measures text, and paints sheets. The one place that knows them.
class Typesetter {
 public:
  /// Throws Error if the system has no font.
  Typesetter();
  ~Typesetter();
  Typesetter(const Typesetter&) = delete;
  Typesetter& operator=(const Typesetter&) = delete;

  TextSize measure(const std::string& text, double size, bool bold = false) const;
  /// The family that is measured with; other scripts come from other fonts.
  std::string family() const;
  /// The bytes of a PNG file, `resolution` pixels for a point. Throws Error if that is larger than an image can be.
  std::string paint_png(const Sheet& sheet, double resolution) const;
  /// The bytes of a PDF file of one page, whose text is text.
  std::string paint_pdf(const Sheet& sheet) const;

 private:
  struct Fonts;
  std::unique_ptr<Fonts> fonts_;
};

}  // namespace heed::view
