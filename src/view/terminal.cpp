#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>

#include "heed/base/utf8.h"
#include "heed/view/attention_picture.h"
#include "labels.h"

namespace heed {
namespace {

constexpr std::size_t kCell = 3;    ///< columns of a cell
constexpr std::size_t kAnchor = 1;  ///< where in the cell the pole of its label stands, and the mark of the strongest

/// viridis in the 256 colours of terminals: eight steps of rising lightness (CIE L* 10 to 97), which the colour-blind
/// can tell apart too.
constexpr std::array<int, 8> kRamp = {234, 53, 24, 31, 36, 77, 184, 227};
constexpr std::size_t kFirstLight = 4;  ///< from here on the mark is black

/// Least weight of each shade but the first.
constexpr std::array<float, 4> kShadeFrom = {0.05f, 0.25f, 0.5f, 0.75f};
constexpr std::array<std::string_view, 5> kBlocks = {" ", "░", "▒", "▓", "█"};
constexpr std::array<std::string_view, 5> kAscii = {" ", ".", ":", "+", "#"};

constexpr char kCopied = '=';  ///< behind the label of a token that was copied

struct Label {
  std::string text;
  std::size_t width = 0;
};

/// A run of source tokens that fits beside the target labels.
struct Panel {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Words that stand on one line if they have room on any.
struct Phrase {
  std::vector<Label> words;
  std::size_t gap = 2;  ///< columns before it, if something stands there
};

/// What all lines of one picture share.
struct Sheet {
  const AttentionPicture& picture;
  const TerminalOptions& options;
  std::size_t width = 0;   ///< columns of the terminal, or the fewest that a picture needs
  std::size_t margin = 0;  ///< columns of the target labels and the space behind them
  std::vector<Label> source;
  std::vector<Label> target;
};

float clamped(float weight) { return weight > 0 ? std::min(weight, 1.0f) : 0.0f; }  // not a number is 0

std::vector<Label> make_labels(const std::vector<std::string>& tokens, std::size_t columns, bool unicode) {
  std::vector<Label> labels;
  for (const std::string& token : tokens) {
    std::string text = view::cut_label(view::visible_label(token, unicode), columns, unicode);
    const std::size_t width = utf8::display_width(text);
    labels.push_back({std::move(text), width});
  }
  return labels;
}

Sheet make_sheet(const AttentionPicture& picture, const TerminalOptions& options) {
  const std::size_t width = std::max<std::size_t>(options.width, 12);
  Sheet sheet{picture, options, width, 0, {}, {}};
  sheet.target = make_labels(picture.target, std::max<std::size_t>(width / 3, 4), options.unicode);
  for (const Label& label : sheet.target) sheet.margin = std::max(sheet.margin, label.width + 1);
  sheet.source = make_labels(picture.source, width - sheet.margin - kAnchor, options.unicode);
  return sheet;
}

/// As many tokens in each panel as fit with their labels in full; one at least.
std::vector<Panel> make_panels(const Sheet& sheet) {
  std::vector<Panel> panels;
  for (std::size_t s = 0; s < sheet.source.size(); ++s) {
    const auto right_end = [&](std::size_t begin) {
      return sheet.margin + (s - begin) * kCell + std::max(kCell, kAnchor + sheet.source[s].width);
    };
    if (panels.empty() || right_end(panels.back().begin) > sheet.options.width) panels.push_back({s, s});
    panels.back().end = s + 1;
  }
  return panels;
}

/// The line of each label, counted from the cells up: the lowest on which it covers no pole of a label to its right.
std::vector<std::size_t> flag_heights(const Sheet& sheet, const Panel& panel) {
  std::vector<std::size_t> heights(panel.end - panel.begin, 0);
  for (std::size_t i = heights.size(); i-- > 0;) {
    const std::size_t reach = sheet.source[panel.begin + i].width / kCell;  // poles that stand under it or touch it
    for (std::size_t j = i + 1; j < heights.size() && j <= i + reach; ++j)
      heights[i] = std::max(heights[i], heights[j] + 1);
  }
  return heights;
}

std::string without_trailing_spaces(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string pole(const TerminalOptions& options) {
  const std::string line = options.unicode ? "│" : "|";
  return options.colour ? "\x1b[2m" + line + "\x1b[0m" : line;
}

/// The source labels of a panel: whole words on poles, so that none is cut or turned.
void append_flags(std::string& out, const Sheet& sheet, const Panel& panel) {
  const std::vector<std::size_t> heights = flag_heights(sheet, panel);
  const std::size_t lines = *std::max_element(heights.begin(), heights.end()) + 1;
  for (std::size_t height = lines; height-- > 0;) {
    std::string line(sheet.margin, ' ');
    std::size_t column = sheet.margin;
    for (std::size_t i = 0; i < heights.size(); ++i) {
      if (heights[i] < height) continue;
      const std::size_t at = sheet.margin + i * kCell + kAnchor;
      line.append(at - column, ' ');
      const Label& label = sheet.source[panel.begin + i];
      const bool flag = heights[i] == height;
      line += flag ? label.text : pole(sheet.options);
      column = at + (flag ? label.width : 1);
    }
    out.append(without_trailing_spaces(std::move(line))).append("\n");
  }
}

std::string plain_cell(std::size_t step, std::size_t columns) {
  return ("\x1b[48;5;" + std::to_string(kRamp[step]) + "m").append(columns, ' ');
}

std::string background(std::size_t step, bool marked, bool unicode) {
  if (!marked) return plain_cell(step, kCell);
  std::string cell = plain_cell(step, 0);
  cell.append(step < kFirstLight ? "\x1b[38;5;231m " : "\x1b[38;5;16m ");
  return cell.append(unicode ? "•" : "*").append(" ");
}

std::string colour_cell(float weight, bool marked, bool unicode) {
  const auto steps = static_cast<float>(kRamp.size() - 1);
  return background(static_cast<std::size_t>(std::lround(weight * steps)), marked, unicode);
}

std::string shade_cell(float weight, bool marked, bool unicode) {
  const auto shade = std::upper_bound(kShadeFrom.begin(), kShadeFrom.end(), weight) - kShadeFrom.begin();
  const std::string_view sign = (unicode ? kBlocks : kAscii)[static_cast<std::size_t>(shade)];
  std::string cell(marked ? "[" : sign);
  return cell.append(sign).append(marked ? "]" : sign);
}

bool is_copied(const AttentionPicture& picture, std::size_t t) {
  return std::find(picture.copied.begin(), picture.copied.end(), static_cast<int>(t)) != picture.copied.end();
}

void append_row(std::string& out, const Sheet& sheet, const Panel& panel, std::size_t t) {
  const std::vector<float>& weights = sheet.picture.weights[t];
  std::size_t strongest = 0;
  for (std::size_t s = 1; s < weights.size(); ++s) {
    if (clamped(weights[s]) > clamped(weights[strongest])) strongest = s;
  }
  const Label& label = sheet.target[t];
  std::string line = std::string(sheet.margin - 1 - label.width, ' ').append(label.text);
  line += is_copied(sheet.picture, t) ? kCopied : ' ';
  for (std::size_t s = panel.begin; s < panel.end; ++s) {
    const bool marked = s == strongest && clamped(weights[s]) > 0;
    const auto cell = sheet.options.colour ? colour_cell : shade_cell;
    line += cell(clamped(weights[s]), marked, sheet.options.unicode);
  }
  if (sheet.options.colour) line += "\x1b[0m";
  out.append(without_trailing_spaces(std::move(line))).append("\n");
}

Label strongest_sign(const TerminalOptions& options) {
  if (!options.colour) return {"[ ]", 3};
  return {options.unicode ? "•" : "*", 1};
}

Phrase phrase_of(std::string_view text) {
  Phrase phrase;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    std::string word(text.substr(begin, end - begin));
    const std::size_t width = utf8::display_width(word);
    phrase.words.push_back({std::move(word), width});
    begin = end + 1;
  }
  return phrase;
}

/// In columns, without what stands before it.
std::size_t width_of(const Phrase& phrase) {
  std::size_t width = phrase.words.size() - 1;
  for (const Label& word : phrase.words) width += word.width;
  return width;
}

void append_wrapped(std::string& out, std::span<const Phrase> phrases, std::size_t width) {
  std::size_t column = 0;
  const auto put = [&](const Label& word, std::size_t gap, std::size_t room) {
    const bool breaks = column > 0 && column + gap + room > width;
    if (breaks) out += '\n';
    if (breaks || column == 0) column = gap = 0;
    out.append(gap, ' ').append(word.text);
    column += gap + word.width;
  };
  for (const Phrase& phrase : phrases) {
    const std::size_t whole = width_of(phrase);
    for (std::size_t i = 0; i < phrase.words.size(); ++i) {
      const bool together = i == 0 && whole <= width;
      put(phrase.words[i], i == 0 ? phrase.gap : 1, together ? whole : phrase.words[i].width);
    }
  }
  out += '\n';
}

void append_line(std::string& out, std::string_view text, std::size_t width) {
  const Phrase phrase = phrase_of(text);
  append_wrapped(out, {&phrase, 1}, width);
}

/// Whether a target token looks at any of these source tokens.
bool looks_at(const Sheet& sheet, const Panel& panel, std::size_t t) {
  const std::vector<float>& weights = sheet.picture.weights[t];
  const auto strongest =
      std::max_element(weights.begin(), weights.end(), [](float a, float b) { return clamped(a) < clamped(b); });
  const auto seen = [&](std::size_t s) {
    return clamped(weights[s]) >= kShadeFrom.front() ||
           (weights.begin() + static_cast<long>(s) == strongest && clamped(weights[s]) > 0);
  };
  for (std::size_t s = panel.begin; s < panel.end; ++s) {
    if (seen(s)) return true;
  }
  return false;
}

/// The rows of a panel; where there are several, those of tokens that look at nothing in it only take room.
void append_rows(std::string& out, const Sheet& sheet, const Panel& panel, bool all) {
  std::size_t left_out = 0;
  for (std::size_t t = 0; t < sheet.target.size(); ++t) {
    if (all || looks_at(sheet, panel, t)) {
      append_row(out, sheet, panel, t);
    } else {
      ++left_out;
    }
  }
  if (left_out == 0) return;
  const char* what = left_out == 1 ? " row that looks elsewhere)" : " rows that look elsewhere)";
  append_line(out, "(" + std::to_string(left_out) + what, sheet.width);
}

void append_scale(std::string& out, const Sheet& sheet) {
  std::vector<Phrase> phrases;
  if (sheet.options.colour) {
    static constexpr std::size_t kAround = 11;  // "weight 0 " and " 1"
    const std::size_t columns = kAround + kCell * kRamp.size() <= sheet.width ? kCell : 1;
    Label ramp{"", columns * kRamp.size()};
    for (std::size_t step = 0; step < kRamp.size(); ++step) ramp.text += plain_cell(step, columns);
    ramp.text += "\x1b[0m";
    phrases.push_back({{{"weight", 6}, {"0", 1}, std::move(ramp), {"1", 1}}});
  } else {
    const auto& signs = sheet.options.unicode ? kBlocks : kAscii;
    static constexpr std::array<std::string_view, 4> kFrom = {"from 0.05", "0.25", "0.5", "0.75"};
    for (std::size_t shade = 0; shade < kFrom.size(); ++shade) {
      std::string text(shade == 0 ? "weight " : "");
      for (std::size_t i = 0; i < kCell; ++i) text += signs[shade + 1];
      phrases.push_back(phrase_of(text.append(" ").append(kFrom[shade])));
    }
  }
  Phrase strongest = phrase_of("strongest of its row");
  strongest.words.insert(strongest.words.begin(), strongest_sign(sheet.options));
  if (sheet.options.colour) strongest.gap = 3;
  phrases.push_back(std::move(strongest));
  append_wrapped(out, phrases, sheet.width);
}

}  // namespace

std::string render_terminal(const AttentionPicture& picture, const TerminalOptions& options) {
  check_shape(picture);
  if (picture.source.empty() || picture.target.empty()) {
    return picture.source.empty() ? "(empty source: no attention)\n" : "(empty target: no attention)\n";
  }
  const Sheet sheet = make_sheet(picture, options);
  const std::vector<Panel> panels = make_panels(sheet);
  std::string out;
  for (const Panel& panel : panels) {
    if (panels.size() > 1) {
      append_line(out,
                  "source tokens " + std::to_string(panel.begin + 1) + " to " + std::to_string(panel.end) + " of " +
                      std::to_string(sheet.source.size()),
                  sheet.width);
    }
    append_flags(out, sheet, panel);
    append_rows(out, sheet, panel, panels.size() == 1);
    out += "\n";
  }
  append_scale(out, sheet);
  if (!picture.copied.empty()) append_line(out, "= copied from the source", sheet.width);
  if (!picture.measure.empty()) append_line(out, view::visible_label(picture.measure, options.unicode), sheet.width);
  return out;
}

}  // namespace heed
