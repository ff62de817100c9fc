#include "typesetter.h"

#include <cairo-pdf.h>
#include <fmt/format.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>

#include <cmath>
#include <numbers>

#include "heed/base/address_space.h"
#include "heed/base/error.h"
#include "stack.h"

namespace heed::view {
namespace {

constexpr double kMostPixels = 120e6;
constexpr double kLongestSide = 32000;  // of a cairo image
constexpr double kLongestPage = 14400;  // points; readers of PDF show no larger one

struct Release {
  void operator()(void* object) const { g_object_unref(object); }
  void operator()(PangoFontDescription* description) const { pango_font_description_free(description); }
  void operator()(PangoAttrList* list) const { pango_attr_list_unref(list); }
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

void check_fonts() {
  require_address_space(std::size_t{192} << 20, "the drawing of text");  // Pango aborts where it gets no thread
  const FcFontSet* fonts = FcInit() == FcTrue ? FcConfigGetFonts(FcConfigGetCurrent(), FcSetSystem) : nullptr;
  if (fonts != nullptr && fonts->nfont > 0) return;
  throw Error(ErrorKind::kSystem, "no font is installed, so no label can be drawn; on Debian fonts-dejavu-core is one");
}

void set_colour(cairo_t* cairo, const Colour& colour) {
  cairo_set_source_rgb(cairo, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
}

void paint(cairo_t* cairo, const SheetBox& box) {
  set_colour(cairo, box.colour);
  cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
  if (box.filled) {
    cairo_fill(cairo);
    return;
  }
  const double dashes[] = {3, 2};
  cairo_set_dash(cairo, dashes, box.dashed ? 2 : 0, 0);
  cairo_set_line_width(cairo, 1.6);
  cairo_stroke(cairo);
}

cairo_status_t append(void* out, const unsigned char* bytes, unsigned int count) {
  static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

}  // namespace

struct Typesetter::Fonts {
  Owned<PangoFontMap> map{pango_cairo_font_map_new()};
  Owned<PangoContext> context{pango_font_map_create_context(map.get())};

  Owned<PangoFontDescription> description(double size, bool bold) const {
    Owned<PangoFontDescription> out(pango_font_description_from_string("sans-serif"));
    pango_font_description_set_absolute_size(out.get(), size * PANGO_SCALE);
    if (bold) pango_font_description_set_weight(out.get(), PANGO_WEIGHT_BOLD);
    return out;
  }

  Owned<PangoLayout> layout(const std::string& text, double size, bool bold) const {
    Owned<PangoLayout> out(pango_layout_new(context.get()));
    pango_layout_set_font_description(out.get(), description(size, bold).get());
    pango_layout_set_single_paragraph_mode(out.get(), TRUE);
    pango_layout_set_text(out.get(), text.data(), static_cast<int>(text.size()));
    return out;
  }

  void paint(cairo_t* cairo, const SheetText& text) const {
    const Owned<PangoLayout> out = layout(text.text, text.size, text.bold);
    if (text.underlined) {
      const Owned<PangoAttrList> list(pango_attr_list_new());
      pango_attr_list_insert(list.get(), pango_attr_underline_new(PANGO_UNDERLINE_DOUBLE));
      pango_layout_set_attributes(out.get(), list.get());
    }
    int width = 0;
    pango_layout_get_size(out.get(), &width, nullptr);
    const double part = text.anchor == Anchor::kLeft ? 0 : text.anchor == Anchor::kMiddle ? 0.5 : 1;
    cairo_save(cairo);
    set_colour(cairo, text.colour);
    cairo_translate(cairo, text.x, text.y);
    if (text.turn != Turn::kNone) cairo_rotate(cairo, (text.turn == Turn::kUp ? -1 : 1) * std::numbers::pi / 2);
    cairo_move_to(cairo, -part * width / PANGO_SCALE,
                  -static_cast<double>(pango_layout_get_baseline(out.get())) / PANGO_SCALE);
    pango_cairo_show_layout(cairo, out.get());
    cairo_restore(cairo);
  }

  void paint(cairo_t* cairo, const Sheet& sheet) const {
    set_colour(cairo, sheet.background);
    cairo_paint(cairo);
    for (const SheetBox& box : sheet.boxes) view::paint(cairo, box);
    for (const SheetText& text : sheet.texts) {
      if (!text.stacked) {
        paint(cairo, text);
        continue;
      }
      SheetText character = text;
      for (const std::string& one : stacked_characters(text.text)) {
        character.text = one;
        paint(cairo, character);
        character.y += text.size * kStackedLine;
      }
    }
  }
};

Typesetter::Typesetter() {
  check_fonts();
  fonts_ = std::make_unique<Fonts>();
}

Typesetter::~Typesetter() = default;

TextSize Typesetter::measure(const std::string& text, double size, bool bold) const {
  const Owned<PangoLayout> layout = fonts_->layout(text, size, bold);
  int width = 0;
  int height = 0;
  pango_layout_get_size(layout.get(), &width, &height);
  const int baseline = pango_layout_get_baseline(layout.get());
  const bool rtl =
      pango_layout_line_get_resolved_direction(pango_layout_get_line_readonly(layout.get(), 0)) == PANGO_DIRECTION_RTL;
  const auto points = [](int units) { return static_cast<double>(units) / PANGO_SCALE; };
  return {points(width), points(baseline), points(height - baseline), rtl};
}

std::string Typesetter::family() const {
  const Owned<PangoFont> font(
      pango_font_map_load_font(fonts_->map.get(), fonts_->context.get(), fonts_->description(11, false).get()));
  if (font == nullptr) return "sans-serif";
  const Owned<PangoFontDescription> description(pango_font_describe(font.get()));
  const char* name = pango_font_description_get_family(description.get());
  return name == nullptr ? "sans-serif" : name;
}

std::string Typesetter::paint_png(const Sheet& sheet, double resolution) const {
  const double width = std::ceil(sheet.width * resolution);
  const double height = std::ceil(sheet.height * resolution);
  if (width > kLongestSide || height > kLongestSide || width * height > kMostPixels) {
    throw Error(
        fmt::format("a PNG of {:.0f} x {:.0f} pixels is too large; take a smaller resolution, fewer sentences, or SVG",
                    width, height));
  }
  const Owned<cairo_surface_t> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
  const Owned<cairo_t> cairo(cairo_create(surface.get()));
  cairo_scale(cairo.get(), resolution, resolution);
  fonts_->paint(cairo.get(), sheet);
  std::string out;
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface.get(), append, &out);
  if (status != CAIRO_STATUS_SUCCESS) throw Error(fmt::format("no PNG: {}", cairo_status_to_string(status)));
  return out;
}

std::string Typesetter::paint_pdf(const Sheet& sheet) const {
  if (sheet.width > kLongestPage || sheet.height > kLongestPage) {
    throw Error(fmt::format("a PDF page of {:.0f} x {:.0f} points is too large; take fewer sentences, or SVG",
                            sheet.width, sheet.height));
  }
  std::string out;
  const Owned<cairo_surface_t> surface(cairo_pdf_surface_create_for_stream(append, &out, sheet.width, sheet.height));
  // Newer versions of cairo write a later one, in which the page is packed out of sight.
  cairo_pdf_surface_restrict_to_version(surface.get(), CAIRO_PDF_VERSION_1_4);
  // Else the hour would be in it, and no two files of a picture the same.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
  const Owned<cairo_t> cairo(cairo_create(surface.get()));
  fonts_->paint(cairo.get(), sheet);
  cairo_surface_finish(surface.get());
  const cairo_status_t status = cairo_surface_status(surface.get());
  if (status != CAIRO_STATUS_SUCCESS) throw Error(fmt::format("no PDF: {}", cairo_status_to_string(status)));
  return out;
}

}  // namespace heed::view
