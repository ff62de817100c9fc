#include "layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "heed/base/error.h"
#include "heed/text/escapes.h"
#include "labels.h"
#include "stack.h"

namespace heed::view {
namespace {

constexpr double kMargin = 14;
constexpr double kGap = 26;        // between the pictures of a grid
constexpr double kPad = 5;         // between labels and cells
constexpr double kTitleSize = 13;  // points
constexpr double kNarrowest = 200;
constexpr double kBarWidth = 180;
constexpr double kBarHeight = 9;
constexpr double kBarFont = 9;
constexpr int kBarSteps = 60;
// Labels are measured with the fonts of this machine; another that shows the SVG may have wider ones.
constexpr double kSlack = 1.06;
constexpr std::size_t kLongestLabel = 200;  // columns of a terminal
constexpr std::size_t kLongestTitle = 600;

struct Look {
  const Scale& scale;
  Colour paper;
  Colour ink;
  Colour soft;
  Colour line;
  Colour gold;
  Colour copied;
};

const Look kLight = {kLightScale,     {255, 255, 255}, {27, 31, 39},  {100, 107, 120},
                     {221, 224, 230}, {209, 72, 15},   {13, 127, 109}};
const Look kDark = {kDarkScale,   {20, 22, 28},   {232, 234, 239}, {154, 162, 177},
                    {43, 48, 58}, {255, 157, 92}, {95, 217, 193}};

bool is_single(const std::string& text) { return stacked_characters(text).size() == 1; }

/// SentencePiece's mark of a space is a heavy bar: a low line stands for it, and nothing in a line that stands upright.
std::string with_thin_mark(const std::string& label) {
  if (!label.starts_with(kSpaceMark)) return label;
  const std::string rest = label.substr(kSpaceMark.size());
  return !rest.empty() && stands_upright(rest) ? rest : "_" + rest;
}

std::vector<std::string> cut_labels(const std::vector<std::string>& tokens) {
  std::vector<std::string> out;
  out.reserve(tokens.size());
  for (const std::string& token : tokens)
    out.push_back(with_thin_mark(cut_label(visible_label(token, true), kLongestLabel, true)));
  return out;
}

/// One heat map, laid out at the origin.
class Map {
 public:
  Map(const AttentionPicture& picture, const DrawingOptions& options, const Typesetter& typesetter)
      : picture_(picture),
        typesetter_(typesetter),
        look_(options.dark ? kDark : kLight),
        numbers_(options.numbers),
        source_(cut_labels(picture.source)),
        target_(cut_labels(picture.target)) {
    const std::size_t most = std::max(source_.size(), target_.size());
    cell_ = numbers_ ? 30 : most <= 40 ? 22 : most <= 100 ? 16 : 11;
    font_ = cell_ >= 22 ? 11.5 : cell_ >= 16 ? 10.5 : 8.5;
    measure_labels();
    wrap_title();
  }

  double width() const { return std::max(left_ + cells_width(), title_width_); }
  double height() const { return top_ + cell_ * static_cast<double>(target_.size()); }

  void draw(Sheet& sheet, double x, double y) const {
    double line = y;
    for (const std::string& text : title_) {
      const TextSize size = typesetter_.measure(text, kTitleSize, true);
      sheet.texts.push_back({.x = size.rtl ? x + width() : x,
                             .y = line + size.ascent,
                             .text = text,
                             .size = kTitleSize,
                             .anchor = size.rtl ? Anchor::kRight : Anchor::kLeft,
                             .colour = look_.ink,
                             .bold = true});
      line += size.ascent + size.descent + 2;
    }
    draw_cells(sheet, x + left_, y + top_);
    draw_labels(sheet, x + left_, y + top_);
    draw_gold(sheet, x + left_, y + top_);
  }

 private:
  double cells_width() const { return cell_ * static_cast<double>(source_.size()); }
  /// The column of a source token: from the right where the source runs that way.
  double column(std::size_t s) const { return cell_ * static_cast<double>(rtl_ ? source_.size() - 1 - s : s); }
  bool stands_level(const std::string& label) const { return is_single(label); }

  void measure_labels() {
    for (const std::string& label : target_)
      left_ = std::max(left_, typesetter_.measure(label, font_).width * kSlack + kPad);
    std::size_t to_left = 0;
    for (const std::string& label : source_) {
      const TextSize size = typesetter_.measure(label, font_);
      to_left += size.rtl ? 1 : 0;
      double height = size.width * kSlack;
      if (stands_level(label)) {
        height = size.ascent + size.descent;
      } else if (stands_upright(label)) {
        height = font_ * kStackedLine * static_cast<double>(stacked_characters(label).size()) + 2;
      }
      labels_height_ = std::max(labels_height_, height + kPad);
    }
    rtl_ = to_left * 2 > source_.size() || (to_left > 0 && to_left * 2 >= source_.size());
    top_ = labels_height_;
  }

  /// Cuts the title into lines that are no wider than the cells, or than what reads well.
  void wrap_title() {
    const std::string text =
        picture_.title.empty() ? "" : cut_label(visible_label(picture_.title, true), kLongestTitle, true);
    const double widest = std::max(left_ + cells_width(), kNarrowest);
    std::string line;
    const auto width_of = [&](const std::string& part) {
      return typesetter_.measure(part, kTitleSize, true).width * kSlack;
    };
    const auto end_line = [&] {
      if (line.empty()) return;
      title_width_ = std::max(title_width_, width_of(line));
      const TextSize size = typesetter_.measure(line, kTitleSize, true);
      top_ += size.ascent + size.descent + 2;
      title_.push_back(std::move(line));
      line.clear();
    };
    for (const std::string& part : title_parts(text, widest, width_of)) {
      const std::string longer = line + part;
      if (!line.empty() && width_of(longer) > widest) end_line();
      line += line.empty() && part.starts_with(' ') ? part.substr(1) : part;
    }
    end_line();
    if (!title_.empty()) top_ += 8;
  }

  /// Words with the space before them; characters of words that are wider than a line.
  template <typename Width>
  static std::vector<std::string> title_parts(const std::string& text, double widest, const Width& width_of) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(' ', at + 1), text.size());
      const std::string word = text.substr(at, end - at);
      if (width_of(word) <= widest) {
        parts.push_back(word);
      } else {
        for (std::string& character : stacked_characters(word)) parts.push_back(std::move(character));
      }
      at = end;
    }
    return parts;
  }

  void draw_cells(Sheet& sheet, double x, double y) const {
    const double height = cell_ * static_cast<double>(target_.size());
    sheet.boxes.push_back({.x = x, .y = y, .width = cells_width(), .height = height, .colour = look_.scale.front()});
    for (std::size_t t = 0; t < target_.size(); ++t) {
      for (std::size_t s = 0; s < source_.size(); ++s) {
        const float weight = picture_.weights[t][s];
        const std::string shown = fmt::format("{:.4f}", weight);
        if (!(weight > 0) || shown == "0.0000") continue;
        sheet.boxes.push_back({.x = x + column(s),
                               .y = y + cell_ * static_cast<double>(t),
                               .width = cell_,
                               .height = cell_,
                               .colour = colour_of(look_.scale, weight),
                               .weight = shown,
                               .title = fmt::format("{} \u2192 {}: {}", target_[t], source_[s], shown)});
        if (numbers_) draw_number(sheet, sheet.boxes.back(), weight);
      }
    }
    sheet.boxes.push_back(
        {.x = x, .y = y, .width = cells_width(), .height = height, .colour = look_.line, .filled = false});
  }

  static void draw_number(Sheet& sheet, const SheetBox& cell, float weight) {
    if (weight < 0.005f) return;
    const Colour ink = lightness(cell.colour) > 55 ? Colour{0, 0, 0} : Colour{255, 255, 255};
    sheet.texts.push_back({.x = cell.x + cell.width / 2,
                           .y = cell.y + cell.height / 2 + 3.2,
                           .text = fmt::format("{:.2f}", weight),
                           .size = 9,
                           .anchor = Anchor::kMiddle,
                           .colour = ink});
  }

  void draw_labels(Sheet& sheet, double x, double y) const {
    for (std::size_t t = 0; t < target_.size(); ++t) {
      const TextSize size = typesetter_.measure(target_[t], font_);
      const bool copied =
          std::find(picture_.copied.begin(), picture_.copied.end(), static_cast<int>(t)) != picture_.copied.end();
      const double middle = y + cell_ * (static_cast<double>(t) + 0.5);
      sheet.texts.push_back({.x = x - kPad,
                             .y = middle + (size.ascent - size.descent) / 2,
                             .text = target_[t],
                             .size = font_,
                             .anchor = Anchor::kRight,
                             .colour = copied ? look_.copied : look_.ink,
                             .underlined = copied});
    }
    for (std::size_t s = 0; s < source_.size(); ++s)
      draw_source_label(sheet, source_[s], x + column(s) + cell_ / 2, y - kPad);
  }

  void draw_source_label(Sheet& sheet, const std::string& label, double middle, double bottom) const {
    const TextSize size = typesetter_.measure(label, font_);
    SheetText text{.x = middle, .y = bottom, .text = label, .size = font_, .colour = look_.ink};
    if (stands_level(label)) {
      text.anchor = Anchor::kMiddle;
      text.y = bottom - size.descent + 2;
    } else if (stands_upright(label)) {
      text.y = bottom - font_ * (kStackedLine * static_cast<double>(stacked_characters(label).size() - 1) + 0.12);
    } else {
      text.turn = Turn::kUp;
      text.x = middle + (size.ascent - size.descent) / 2;
    }
    const bool vertical = !stands_level(label) && stands_upright(label);
    for (SheetText& part : vertical ? vertical_line(text) : std::vector{text}) sheet.texts.push_back(std::move(part));
  }

  void draw_gold(Sheet& sheet, double x, double y) const {
    const auto mark = [&](const Link& link, bool dashed) {
      const auto s = static_cast<std::size_t>(link.source);
      const auto t = static_cast<std::size_t>(link.target);
      if (s >= source_.size() || t >= target_.size()) return;
      sheet.boxes.push_back({.x = x + column(s) + 1.5,
                             .y = y + cell_ * static_cast<double>(t) + 1.5,
                             .width = cell_ - 3,
                             .height = cell_ - 3,
                             .colour = look_.gold,
                             .filled = false,
                             .dashed = dashed});
    };
    for (const Link& link : picture_.possible) mark(link, true);
    for (const Link& link : picture_.sure) mark(link, false);
  }

  const AttentionPicture& picture_;
  const Typesetter& typesetter_;
  const Look& look_;
  bool numbers_;
  std::vector<std::string> source_;
  std::vector<std::string> target_;
  double cell_ = 0;
  double font_ = 0;
  double left_ = 0;           // of the cells
  double top_ = 0;            // of the cells, title included
  double labels_height_ = 0;  // of the source labels
  bool rtl_ = false;
  std::vector<std::string> title_;
  double title_width_ = 0;
};

std::string bar_name(const std::string& measure) {
  return measure.empty() ? "weight" : "weight, " + cut_label(visible_label(measure, true), kLongestLabel, true);
}

/// The colours with their numbers. Returns its height.
double draw_bar(Sheet& sheet, const Look& look, const std::string& name, double y) {
  sheet.texts.push_back({.x = kMargin, .y = y + kBarFont, .text = name, .size = kBarFont, .colour = look.soft});
  const double top = y + kBarFont + 5;
  for (int i = 0; i < kBarSteps; ++i) {
    const float weight = (static_cast<float>(i) + 0.5f) / kBarSteps;
    sheet.boxes.push_back({.x = kMargin + kBarWidth * i / kBarSteps,
                           .y = top,
                           .width = kBarWidth / kBarSteps + 0.3,
                           .height = kBarHeight,
                           .colour = colour_of(look.scale, weight)});
  }
  sheet.boxes.push_back(
      {.x = kMargin, .y = top, .width = kBarWidth, .height = kBarHeight, .colour = look.line, .filled = false});
  for (const double at : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    sheet.texts.push_back({.x = kMargin + kBarWidth * at,
                           .y = top + kBarHeight + kBarFont + 2,
                           .text = fmt::format("{:g}", at),
                           .size = kBarFont,
                           .anchor = Anchor::kMiddle,
                           .colour = look.soft});
  }
  return 2 * kBarFont + kBarHeight + 10;
}

/// What the marks of gold links mean, beside the colours. Returns where it ends.
double draw_gold_legend(Sheet& sheet, const Look& look, std::span<const AttentionPicture> pictures,
                        const Typesetter& typesetter, double y) {
  double x = kMargin + kBarWidth + 20;
  const auto add = [&](const std::string& text, bool dashed) {
    sheet.boxes.push_back({.x = x,
                           .y = y,
                           .width = kBarHeight,
                           .height = kBarHeight,
                           .colour = look.gold,
                           .filled = false,
                           .dashed = dashed});
    x += kBarHeight + 5;
    sheet.texts.push_back({.x = x, .y = y + kBarHeight, .text = text, .size = kBarFont, .colour = look.soft});
    x += typesetter.measure(text, kBarFont).width * kSlack + 14;
  };
  const auto any = [&](std::vector<Link> AttentionPicture::*links) {
    return std::any_of(pictures.begin(), pictures.end(),
                       [&](const auto& picture) { return !(picture.*links).empty(); });
  };
  if (any(&AttentionPicture::sure)) add("gold, sure", false);
  if (any(&AttentionPicture::possible)) add("gold, possible", true);
  return x;
}

}  // namespace

Sheet lay_out(std::span<const AttentionPicture> pictures, const DrawingOptions& options, const Typesetter& typesetter) {
  std::vector<Map> maps;
  std::string measure;
  for (const AttentionPicture& picture : pictures) {
    check_shape(picture);
    if (picture.source.empty() || picture.target.empty()) continue;
    maps.emplace_back(picture, options, typesetter);
    if (measure.empty()) measure = picture.measure;
  }
  if (maps.empty()) throw Error("there is no attention to draw");
  const auto columns = std::min(static_cast<std::size_t>(std::max(options.columns, 1)), maps.size());
  std::vector<double> widths(columns);
  std::vector<double> heights((maps.size() + columns - 1) / columns);
  for (std::size_t i = 0; i < maps.size(); ++i) {
    widths[i % columns] = std::max(widths[i % columns], maps[i].width());
    heights[i / columns] = std::max(heights[i / columns], maps[i].height());
  }
  const Look& look = options.dark ? kDark : kLight;
  Sheet sheet;
  sheet.background = look.paper;
  double y = kMargin;
  for (std::size_t row = 0; row < heights.size(); ++row) {
    double x = kMargin;
    for (std::size_t i = row * columns; i < std::min((row + 1) * columns, maps.size()); ++i) {
      maps[i].draw(sheet, x, y);
      x += widths[i % columns] + kGap;
      sheet.width = std::max(sheet.width, x - kGap + kMargin);
    }
    y += heights[row] + kGap;
  }
  const double legend = draw_gold_legend(sheet, look, pictures, typesetter, y - 8 + kBarFont + 5);
  const std::string name = bar_name(measure);
  y += draw_bar(sheet, look, name, y - 8);
  const double name_width = typesetter.measure(name, kBarFont).width * kSlack;
  sheet.width = std::max(sheet.width, 2 * kMargin + std::max(kBarWidth, name_width));
  if (legend > kMargin + kBarWidth + 20) sheet.width = std::max(sheet.width, legend);
  sheet.height = y - 8 + kMargin;
  return sheet;
}

}  // namespace heed::view
