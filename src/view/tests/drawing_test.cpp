#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pango/pangocairo.h>

#include <cstring>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/view/attention_picture.h"
#include "layout.h"
#include "stack.h"
#include "viewed.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using view::Anchor;

AttentionPicture small_picture() { return picture_of(toy::small_sentence(), {}); }

std::string svg_of(const AttentionPicture& picture, const DrawingOptions& options = {}) {
  return render_svg(std::vector<AttentionPicture>{picture}, options);
}

/// Every text and box of the sheet lies on it, as it is measured here.
void expect_inside(const view::Sheet& sheet, const view::Typesetter& typesetter) {
  for (const view::SheetBox& box : sheet.boxes) {
    EXPECT_GE(box.x, 0);
    EXPECT_GE(box.y, 0);
    EXPECT_LE(box.x + box.width, sheet.width);
    EXPECT_LE(box.y + box.height, sheet.height);
  }
  for (const view::SheetText& text : sheet.texts) {
    const view::TextSize size = typesetter.measure(text.text, text.size, text.bold);
    const double part = text.anchor == Anchor::kLeft ? 0 : text.anchor == Anchor::kMiddle ? 0.5 : 1;
    if (text.turn == view::Turn::kUp) {
      EXPECT_GE(text.y - size.width, 0) << text.text;
      EXPECT_GE(text.x - size.ascent, 0) << text.text;
      EXPECT_LE(text.x + size.descent, sheet.width) << text.text;
      continue;
    }
    if (text.stacked || text.turn == view::Turn::kDown) {
      EXPECT_GE(text.y - text.size, 0) << text.text;
      continue;
    }
    EXPECT_GE(text.x - part * size.width, 0) << text.text;
    EXPECT_LE(text.x + (1 - part) * size.width, sheet.width) << text.text;
    EXPECT_GE(text.y - size.ascent, 0) << text.text;
    EXPECT_LE(text.y + size.descent, sheet.height) << text.text;
  }
}

TEST(Svg, SpaceMarksAreThin) {
  const std::string svg = svg_of(small_picture());
  EXPECT_THAT(svg, Not(HasSubstr("▁")));
  for (const char* label : {">_the<", ">_bl<", ">ack<", ">_cat<"}) EXPECT_THAT(svg, HasSubstr(label));
  AttentionPicture alone = small_picture();
  alone.source.front() = alone.target.front() = "▁";
  EXPECT_THAT(svg_of(alone), testing::AllOf(Not(HasSubstr("▁")), HasSubstr(">_<")));
}

TEST(Pdf, IsOnePageAndTheSameEachTime) {
  const std::vector<AttentionPicture> pictures(3, small_picture());
  const std::string pdf = render_pdf(pictures, {});
  EXPECT_TRUE(pdf.starts_with("%PDF-1."));
  EXPECT_TRUE(pdf.ends_with("%%EOF\n")) << pdf.substr(pdf.size() - 20);
  EXPECT_NE(pdf.find("/Count 1"), pdf.npos);
  EXPECT_NE(pdf.find("/CreationDate (2000"), pdf.npos);  // not the hour of this test
  EXPECT_TRUE(render_pdf(pictures, {}) == pdf);
}

TEST(Svg, HasTheWeightsToFourDecimals) {
  AttentionPicture picture = small_picture();
  picture.weights = toy::random_weights(5, 5, 8);
  std::vector<std::string> expected;
  for (const auto& row : picture.weights) {
    for (const float weight : row) {
      const std::string shown = fmt::format("{:.4f}", weight);
      if (shown != "0.0000") expected.push_back(shown);
    }
  }
  const std::string svg = svg_of(picture);
  std::vector<std::string> found;
  const std::string begin = "data-weight=\"";
  for (std::size_t at = 0; (at = svg.find(begin, at)) != svg.npos;) {
    at += begin.size();
    found.push_back(svg.substr(at, svg.find('"', at) - at));
  }
  EXPECT_EQ(found, expected);
}

TEST(Svg, PlacesAreRightHoweverLargeThePictureIs) {
  constexpr std::size_t kTokens = 1500;
  AttentionPicture picture;
  picture.source.assign(kTokens, "x");
  picture.target = {"y"};
  picture.weights = {std::vector<float>(kTokens, 0.5f)};
  const std::string svg = svg_of(picture);
  std::vector<double> places;
  for (std::size_t at = 0; (at = svg.find("<rect x=\"", at + 1)) != svg.npos;) {
    if (svg.substr(at, svg.find('>', at) - at).find("data-weight") != svg.npos)
      places.push_back(std::stod(svg.substr(at + 9)));
  }
  ASSERT_EQ(places.size(), kTokens);
  EXPECT_GT(places.back(), 15000);
  for (std::size_t i = 1; i < kTokens; ++i) EXPECT_NEAR(places[i] - places[i - 1], 11, 0.011) << i;
  EXPECT_THAT(svg, Not(HasSubstr(".00\"")));
}

TEST(Svg, LabelsAreWholeUpToTwoHundredColumns) {
  AttentionPicture picture = small_picture();
  picture.source[0] = std::string(200, 'x');
  picture.source[1] = std::string(201, 'y');
  const std::string svg = svg_of(picture);
  EXPECT_THAT(svg, HasSubstr(">" + std::string(200, 'x') + "</text>"));
  EXPECT_THAT(svg, HasSubstr(">" + std::string(199, 'y') + "…</text>"));
}

TEST(Svg, CopiedWordsAreUnderlinedTwice) {
  AttentionPicture picture = small_picture();
  picture.copied = {1};
  EXPECT_THAT(svg_of(picture),
              HasSubstr(R"(text-decoration="underline" style="text-decoration-style:double">_chat</text>)"));
}

TEST(Svg, LabelsAreTextAndEscaped) {
  AttentionPicture picture = small_picture();
  picture.source[0] = "<b>&\"x\"";
  picture.target[0] = "\x1b[31m\u202e";
  picture.title = "</svg><script>";
  const std::string svg = svg_of(picture);
  EXPECT_THAT(svg, HasSubstr(">&lt;b&gt;&amp;&quot;x&quot;</text>"));
  EXPECT_THAT(svg, HasSubstr(">␛[31m\\u{202e}</text>"));
  EXPECT_THAT(svg, HasSubstr("&lt;/svg&gt;&lt;script&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(svg, HasSubstr(">_chat</text>"));
}

TEST(Svg, TellsWhatMarksOfGoldLinksMean) {
  AttentionPicture picture = small_picture();
  EXPECT_THAT(svg_of(picture), Not(HasSubstr("gold")));
  picture.sure = {{0, 0}};
  EXPECT_THAT(svg_of(picture), HasSubstr(">gold, sure</text>"));
  EXPECT_THAT(svg_of(picture), Not(HasSubstr("possible")));
  picture.possible = {{1, 0}};
  EXPECT_THAT(svg_of(picture), HasSubstr(">gold, possible</text>"));
  expect_inside(view::lay_out(std::vector{picture}, {}, view::Typesetter()), view::Typesetter());
}

TEST(Svg, HasAColourBarWithNumbers) {
  AttentionPicture picture = small_picture();
  picture.measure = "mean of 4 heads";
  const std::string svg = svg_of(picture);
  EXPECT_THAT(svg, HasSubstr(">weight, mean of 4 heads</text>"));
  for (const char* number : {"0", "0.25", "0.5", "0.75", "1"})
    EXPECT_THAT(svg, HasSubstr(fmt::format(">{}</text>", number)));
}

TEST(Layout, NoLabelIsClipped) {
  AttentionPicture picture = small_picture();
  picture.source = {"Donaudampfschifffahrtsgesellschaftskapitän", "我们", "القط", "i", "</s>"};
  picture.target = {"antidisestablishmentarianism", "狐", "e\u0301te\u0301", "הילדים", "</s>"};
  picture.title = "A title that is by far longer than the cells below it are wide, so that it takes several lines";
  AttentionPicture other = small_picture();
  other.title = std::string(200, 'W');  // no space to break at
  const view::Typesetter typesetter;
  for (const int columns : {1, 2, 7}) {
    for (const bool numbers : {false, true}) {
      const std::vector<AttentionPicture> pictures = {picture, other, picture};
      expect_inside(view::lay_out(pictures, {.columns = columns, .numbers = numbers}, typesetter), typesetter);
    }
  }
}

TEST(Layout, SourceThatRunsFromTheRightBeginsThere) {
  AttentionPicture picture;
  picture.source = {"القط", "الأسود", "</s>"};
  picture.target = {"cat"};
  picture.weights = {{1, 0, 0}};
  const view::Typesetter typesetter;
  const auto first_cell = [&] {
    const view::Sheet sheet = view::lay_out(std::vector{picture}, {}, typesetter);
    for (const view::SheetBox& box : sheet.boxes) {
      if (!box.weight.empty()) return std::pair(box.x, sheet.boxes.front().x);
    }
    return std::pair(0.0, 0.0);
  };
  const auto [rtl, rtl_left] = first_cell();
  EXPECT_GT(rtl, rtl_left + 1);
  picture.source = {"the", "cat", "</s>"};
  const auto [ltr, ltr_left] = first_cell();
  EXPECT_EQ(ltr, ltr_left);
}

TEST(VerticalLine, OfEastAsianTextWithItsPunctuation) {
  EXPECT_TRUE(view::stands_upright("▁データ、「東京」"));
  EXPECT_FALSE(view::stands_upright("▁data"));
  EXPECT_FALSE(view::stands_upright("▁"));
  const std::vector<view::SheetText> texts =
      view::vertical_line({.x = 50, .y = 20, .text = "▁デー「東京」。", .size = 10});
  std::vector<std::string> parts;
  for (const view::SheetText& text : texts) parts.push_back(text.text);
  EXPECT_EQ(parts, (std::vector<std::string>{"▁デ", "ー", "「", "東京", "」", "。"}));
  const double line = 10 * view::kStackedLine;
  for (const std::size_t upright : {0, 3}) {
    EXPECT_TRUE(texts[upright].stacked);
    EXPECT_EQ(texts[upright].x, 50);
    EXPECT_EQ(texts[upright].turn, view::Turn::kNone);
  }
  EXPECT_NEAR(texts[3].y, 20 + 4 * line, 1e-9);
  for (const std::size_t turned : {1, 2, 4}) EXPECT_EQ(texts[turned].turn, view::Turn::kDown);
  // The middle of its square, and not its baseline, is in the middle of the line.
  EXPECT_NEAR(texts[1].x, 50 - 3.8, 1e-9);
  EXPECT_NEAR(texts[1].y, 20 + 2 * line - 3.8, 1e-9);
  EXPECT_EQ(texts[5].turn, view::Turn::kNone);
  EXPECT_GT(texts[5].x, 52);
  EXPECT_LT(texts[5].y, 20 + 7 * line);
}

TEST(Svg, TurnsWhatLiesInVerticalText) {
  AttentionPicture picture = small_picture();
  picture.source[0] = "▁データ";
  const std::string svg = svg_of(picture);
  EXPECT_THAT(svg, HasSubstr("rotate(90 "));
  EXPECT_THAT(svg, HasSubstr(">デ</tspan>"));
  EXPECT_THAT(svg, Not(HasSubstr(">▁データ</text>")));
}

TEST(Layout, GridHasItsColumns) {
  const view::Typesetter typesetter;
  const std::vector<AttentionPicture> pictures(5, small_picture());
  const view::Sheet one = view::lay_out(pictures, {.columns = 1}, typesetter);
  const view::Sheet five = view::lay_out(pictures, {.columns = 5}, typesetter);
  EXPECT_GT(one.height, 3 * five.height);
  EXPECT_GT(five.width, 3 * one.width);
}

TEST(Png, IsAnImageOfTheAskedSize) {
  const std::vector<AttentionPicture> pictures = {small_picture()};
  const view::Sheet sheet = view::lay_out(pictures, {}, view::Typesetter());
  const auto side = [](const std::string& png, std::size_t at) {
    unsigned value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(png[at + i]);
    return value;
  };
  for (const double resolution : {1.0, 3.0}) {
    const std::string png = render_png(pictures, {.resolution = resolution});
    ASSERT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
    EXPECT_EQ(side(png, 16), std::ceil(sheet.width * resolution));
    EXPECT_EQ(side(png, 20), std::ceil(sheet.height * resolution));
  }
}

cairo_status_t read_some(void* from, unsigned char* to, unsigned int count) {
  auto& left = *static_cast<std::string_view*>(from);
  if (left.size() < count) return CAIRO_STATUS_READ_ERROR;
  std::memcpy(to, left.data(), count);
  left.remove_prefix(count);
  return CAIRO_STATUS_SUCCESS;
}

TEST(Png, PixelsHaveTheColoursOfTheWeights) {
  AttentionPicture picture = small_picture();
  picture.weights = toy::random_weights(5, 5, 8);
  const view::Sheet sheet = view::lay_out(std::vector{picture}, {}, view::Typesetter());
  constexpr double kResolution = 2;
  const std::string png = render_png(std::vector{picture}, {.resolution = kResolution});
  std::string_view left = png;
  cairo_surface_t* image = cairo_image_surface_create_from_png_stream(read_some, &left);
  ASSERT_EQ(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
  const auto pixel = [&](double x, double y) {
    std::uint32_t out = 0;
    const unsigned char* row = cairo_image_surface_get_data(image) +
                               static_cast<std::ptrdiff_t>(y * kResolution) * cairo_image_surface_get_stride(image);
    std::memcpy(&out, row + 4 * static_cast<std::ptrdiff_t>(x * kResolution), sizeof(out));
    return out & 0xFFFFFFU;
  };
  int cells = 0;
  for (const view::SheetBox& box : sheet.boxes) {
    if (box.weight.empty()) continue;
    ++cells;
    // By the text of the weight, which other tests compare with the weight.
    const view::Colour colour = view::colour_of(view::kLightScale, std::stof(box.weight));
    const std::uint32_t seen = pixel(box.x + box.width / 2, box.y + box.height / 2);
    EXPECT_NEAR(seen >> 16, colour.red, 1) << box.weight;
    EXPECT_NEAR(seen >> 8 & 255U, colour.green, 1) << box.weight;
    EXPECT_NEAR(seen & 255U, colour.blue, 1) << box.weight;
  }
  EXPECT_GT(cells, 15);
  cairo_surface_destroy(image);
}

TEST(Png, TooLargeIsAnErrorBeforeItTakesMemory) {
  AttentionPicture picture;
  picture.source.assign(4000, "x");
  picture.target = {"y"};
  picture.weights = {std::vector<float>(4000, 0.1f)};
  EXPECT_THAT(error_of([&] { render_png(std::vector{picture}, {}); }), HasSubstr("too large"));
}

TEST(Drawing, NothingToDrawIsAnError) {
  EXPECT_THROW(render_svg({}, {}), Error);
  EXPECT_THROW(render_png(std::vector<AttentionPicture>(1), {}), Error);
  AttentionPicture picture = small_picture();
  picture.weights.pop_back();
  EXPECT_THROW(svg_of(picture), Error);
}

TEST(Scale, LightnessFallsEvenlyOnPaperAndRisesInTheDark) {
  for (int i = 0; i < 100; ++i) {
    const float a = static_cast<float>(i) / 100;
    const float b = static_cast<float>(i + 1) / 100;
    const double light = lightness(colour_of(view::kLightScale, a)) - lightness(colour_of(view::kLightScale, b));
    const double dark = lightness(colour_of(view::kDarkScale, b)) - lightness(colour_of(view::kDarkScale, a));
    EXPECT_GT(light, 0.2) << a;
    EXPECT_LT(light, 2.5) << a;
    EXPECT_GT(dark, 0.1) << a;
    EXPECT_LT(dark, 2.5) << a;
  }
}

}  // namespace
}  // namespace heed
