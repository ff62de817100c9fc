#include <fmt/format.h>

#include "heed/view/attention_picture.h"
#include "heed/view/markup.h"
#include "layout.h"
#include "stack.h"

namespace heed {
namespace {

using view::Anchor;
using view::Colour;

std::string hex(const Colour& colour) {
  return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue);
}

/// Hundredths of a point, however large the picture is; no zeros at the end.
std::string decimal(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

void append(std::string& out, const view::SheetBox& box) {
  out += fmt::format(R"(<rect x="{}" y="{}" width="{}" height="{}" )", decimal(box.x), decimal(box.y),
                     decimal(box.width), decimal(box.height));
  out += box.filled ? fmt::format(R"(fill="{}")", hex(box.colour))
                    : fmt::format(R"(fill="none" stroke="{}" stroke-width="1.6"{})", hex(box.colour),
                                  box.dashed ? R"( stroke-dasharray="3 2")" : "");
  if (!box.weight.empty()) out += fmt::format(R"( data-weight="{}")", box.weight);
  out += box.title.empty() ? "/>\n" : fmt::format("><title>{}</title></rect>\n", escaped_markup(box.title));
}

/// "start" is the right end of a text that runs from right to left.
const char* anchor_of(Anchor anchor, bool rtl) {
  if (anchor == Anchor::kMiddle) return "middle";
  return (anchor == Anchor::kLeft) == rtl ? "end" : "start";
}

void append(std::string& out, const view::SheetText& text, bool rtl) {
  out += fmt::format(R"(<text x="{}" y="{}" font-size="{}" fill="{}" text-anchor="{}")", decimal(text.x),
                     decimal(text.y), decimal(text.size), hex(text.colour), anchor_of(text.anchor, rtl));
  if (text.bold) out += R"( font-weight="bold")";
  if (text.underlined) out += R"( text-decoration="underline" style="text-decoration-style:double")";
  if (rtl) out += R"( direction="rtl" unicode-bidi="embed")";
  if (text.turn != view::Turn::kNone) {
    out += fmt::format(" transform=\"rotate({} {} {})\"", text.turn == view::Turn::kUp ? -90 : 90, decimal(text.x),
                       decimal(text.y));
  }
  out += '>';
  if (!text.stacked) {
    out += escaped_markup(text.text);
  } else {
    double step = 0;
    for (const std::string& character : view::stacked_characters(text.text)) {
      out +=
          fmt::format(R"(<tspan x="{}" dy="{}">{}</tspan>)", decimal(text.x), decimal(step), escaped_markup(character));
      step = text.size * view::kStackedLine;
    }
  }
  out += "</text>\n";
}

}  // namespace

std::string render_svg(std::span<const AttentionPicture> pictures, const DrawingOptions& options) {
  const view::Typesetter typesetter;
  const view::Sheet sheet = view::lay_out(pictures, options, typesetter);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"'{2}', sans-serif\">\n<style>text{{white-space:pre}}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"{3}\"/>\n",
      decimal(sheet.width), decimal(sheet.height), escaped_markup(typesetter.family()), hex(sheet.background));
  for (const view::SheetBox& box : sheet.boxes) append(out, box);
  for (const view::SheetText& text : sheet.texts) append(out, text, typesetter.measure(text.text, text.size).rtl);
  return out + "</svg>\n";
}

std::string render_pdf(std::span<const AttentionPicture> pictures, const DrawingOptions& options) {
  const view::Typesetter typesetter;
  return typesetter.paint_pdf(view::lay_out(pictures, options, typesetter));
}

std::string render_png(std::span<const AttentionPicture> pictures, const DrawingOptions& options) {
  const view::Typesetter typesetter;
  return typesetter.paint_png(view::lay_out(pictures, options, typesetter), options.resolution);
}

}  // namespace heed
