#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "error_of.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/view/attention_picture.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr TerminalOptions kUnicode{.colour = false, .unicode = true, .width = 100};
constexpr TerminalOptions kAscii{.colour = false, .unicode = false, .width = 100};

AttentionPicture black_cat() {
  return {{"the", "black", "cat"}, {"le", "chat", "</s>"}, {{0.9f, 0.06f, 0.04f}, {0, 0.3f, 0.7f}, {0.1f, 0.3f, 0.6f}}};
}

TEST(RenderTerminal, SaysWhatTheWeightsAre) {
  AttentionPicture picture = black_cat();
  EXPECT_THAT(render_terminal(picture, kUnicode), testing::EndsWith("strongest of its row\n"));
  picture.measure = "mean of 4 heads";
  EXPECT_THAT(render_terminal(picture, kUnicode), testing::EndsWith("strongest of its row\nmean of 4 heads\n"));
}

TEST(RenderTerminal, MarksCopiedTokens) {
  AttentionPicture picture = black_cat();
  picture.copied = {1};
  for (const TerminalOptions& options : {kUnicode, kAscii}) {
    const std::string text = render_terminal(picture, options);
    EXPECT_THAT(text, HasSubstr("\n  le ["));
    EXPECT_THAT(text, HasSubstr("\nchat=   "));
    EXPECT_THAT(text, testing::EndsWith("strongest of its row\n= copied from the source\n"));
  }
}

/// The picture on paper: escape sequences removed.
std::string without_colours(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = text.find('m', i);
      if (i == std::string::npos) break;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(RenderTerminal, DrawsBlocks) {
  EXPECT_EQ(render_terminal(black_cat(), kUnicode),
            "      the\n"
            "      │  black\n"
            "      │  │  cat\n"
            "  le [█]░░░\n"
            "chat    ▒▒▒[▓]\n"
            "</s> ░░░▒▒▒[▓]\n"
            "\n"
            "weight ░░░ from 0.05  ▒▒▒ 0.25  ▓▓▓ 0.5  ███ 0.75  [ ] strongest of its row\n");
}

TEST(RenderTerminal, DrawsAscii) {
  EXPECT_EQ(render_terminal(black_cat(), kAscii),
            "      the\n"
            "      |  black\n"
            "      |  |  cat\n"
            "  le [#]...\n"
            "chat    :::[+]\n"
            "</s> ...:::[+]\n"
            "\n"
            "weight ... from 0.05  ::: 0.25  +++ 0.5  ### 0.75  [ ] strongest of its row\n");
}

TEST(RenderTerminal, DrawsColours) {
  const AttentionPicture picture{{"a", "b"}, {"x", "y"}, {{1, 0}, {0.6f, 0.4f}}};
  const std::string ramp =
      "\x1b[48;5;234m   \x1b[48;5;53m   \x1b[48;5;24m   \x1b[48;5;31m   \x1b[48;5;36m   \x1b[48;5;77m   \x1b[48;5;184m "
      "  "
      "\x1b[48;5;227m   \x1b[0m";
  EXPECT_EQ(render_terminal(picture, {}),
            "   a  b\n"
            "x \x1b[48;5;227m\x1b[38;5;16m • \x1b[48;5;234m   \x1b[0m\n"
            "y \x1b[48;5;36m\x1b[38;5;16m • \x1b[48;5;31m   \x1b[0m\n"
            "\n"
            "weight 0 " +
                ramp + " 1   • strongest of its row\n");
}

TEST(RenderTerminal, MarksDarkCellsInWhite) {
  const AttentionPicture picture{{"a", "b", "c"}, {"x"}, {{0.4f, 0.3f, 0.3f}}};
  EXPECT_THAT(render_terminal(picture, {}), HasSubstr("x \x1b[48;5;31m\x1b[38;5;231m • "));
  EXPECT_THAT(render_terminal(picture, {.colour = true, .unicode = false}),
              HasSubstr("\x1b[48;5;31m\x1b[38;5;231m * "));
}

TEST(RenderTerminal, DimsThePolesInColour) {
  const std::string text = render_terminal(black_cat(), {});
  EXPECT_THAT(text, HasSubstr("      \x1b[2m│\x1b[0m  black\n"));
  EXPECT_EQ(lines_of(without_colours(text))[2], "      │  │  cat");
}

TEST(RenderTerminal, LowersLabelsThatCoverNothing) {
  const AttentionPicture picture{{"a", "to", "see", ",", "yes"}, {"x"}, {{1, 0, 0, 0, 0}}};
  const auto lines = lines_of(render_terminal(picture, kUnicode));
  EXPECT_EQ(lines[0], "         see");
  EXPECT_EQ(lines[1], "   a  to │  ,  yes");
  EXPECT_EQ(lines[2], "x [█]");
}

TEST(RenderTerminal, PlacesWideCharactersAndMarks) {
  const AttentionPicture picture{{"東京", "e\u0301", "x"}, {"日本", "u\u0308"}, {{1, 0, 0}, {0, 1, 0}}};
  const auto lines = lines_of(render_terminal(picture, kUnicode));
  EXPECT_EQ(lines[0], "      東京");
  EXPECT_EQ(lines[1], "      │  e\u0301  x");
  EXPECT_EQ(lines[2], "日本 [█]");
  EXPECT_EQ(lines[3], "   u\u0308    [█]");
}

TEST(RenderTerminal, SplitsIntoPanels) {
  const AttentionPicture picture{{"one", "two", "three", "four"}, {"un", "quatre"}, {{1, 0, 0, 0}, {0, 0, 0.2f, 0.8f}}};
  EXPECT_EQ(render_terminal(picture, {.colour = false, .unicode = true, .width = 16}),
            "source tokens 1\nto 2 of 4\n"
            "       one\n"
            "       │  two\n"
            "   un [█]\n"
            "(1 row that\nlooks elsewhere)\n"
            "\n"
            "source tokens 3\nto 4 of 4\n"
            "       three\n"
            "       │  four\n"
            "quat… ░░░[█]\n"
            "(1 row that\nlooks elsewhere)\n"
            "\n"
            "weight ░░░ from\n"
            "0.05  ▒▒▒ 0.25\n"
            "▓▓▓ 0.5\n"
            "███ 0.75  [ ]\n"
            "strongest of its\n"
            "row\n");
}

// The strongest weight of a row is shown however small it is, and all rows where there is one panel.
TEST(RenderTerminal, LeavesOutRowsWithNothingInAPanel) {
  AttentionPicture picture;
  for (int i = 0; i < 30; ++i) {
    picture.source.push_back("s" + std::to_string(i));
    picture.target.push_back("t" + std::to_string(i));
    picture.weights.emplace_back(30, 0.0f)[static_cast<std::size_t>(i)] = i < 20 ? 1.0f : 0.03f;
  }
  for (const bool colour : {false, true}) {
    const std::string text = without_colours(render_terminal(picture, {colour, true, 40}));
    for (int i = 0; i < 30; ++i) {
      const std::string label = "t" + std::to_string(i) + " ";
      std::size_t count = 0;
      for (std::size_t at = text.find(label); at != text.npos; at = text.find(label, at + 1)) ++count;
      EXPECT_EQ(count, 1U) << label;
    }
    EXPECT_THAT(text, HasSubstr("rows that look elsewhere)"));
    const std::string whole = without_colours(render_terminal(picture, {colour, true, 200}));
    EXPECT_THAT(whole, Not(HasSubstr("elsewhere")));
  }
}

TEST(RenderTerminal, MarksNothingInARowWithoutWeight) {
  const AttentionPicture picture{{"a"}, {"x"}, {{0}}};
  EXPECT_EQ(lines_of(render_terminal(picture, kUnicode))[1], "x");
}

TEST(RenderTerminal, NeverExceedsTheWidthNorLetsControlCharactersThrough) {
  AttentionPicture picture;
  for (std::size_t s = 0; s < 45; ++s) {
    const std::string tokens[] = {"word", "\x1b[31m", "東京タワー", "a", std::string(s * 3, 'z') + "y",
                                  "\n",   "e\u0301"};
    picture.source.push_back(tokens[s % 7]);
    picture.target.push_back(tokens[(s * 3) % 7]);
  }
  picture.weights.assign(45, std::vector<float>(45, 1.0f / 45));
  picture.copied = {1};
  picture.measure = "mean of 4 heads";
  for (const std::size_t width : {20, 34, 35, 40, 81, 200, 1000}) {
    for (const bool colour : {false, true}) {
      const std::string plain = without_colours(render_terminal(picture, {colour, true, width}));
      for (const std::string& line : lines_of(plain)) EXPECT_LE(utf8::display_width(line), width) << line;
      for (const char c : plain) EXPECT_TRUE(c == '\n' || c < 0 || c >= ' ') << static_cast<int>(c);
      EXPECT_FALSE(utf8::first_invalid(plain));
    }
  }
}

TEST(RenderTerminal, DrawsEveryTokenInATerminalOfNoWidth) {
  const std::string text = render_terminal(black_cat(), {.colour = false, .unicode = true, .width = 0});
  for (const char* label : {"the", "black", "cat", "chat"}) EXPECT_THAT(text, HasSubstr(label));
  EXPECT_THAT(text, HasSubstr("source\ntokens 3 to\n3 of 3\n"));
}

TEST(RenderTerminal, TakesWeightsThatAreNone) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  const AttentionPicture picture{{"a", "b", "c"}, {"x", "y"}, {{nan, 0.6f, -1}, {-inf, 0, inf}}};
  const auto lines = lines_of(render_terminal(picture, kUnicode));
  EXPECT_EQ(lines[1], "x    [▓]");
  EXPECT_EQ(lines[2], "y       [█]");
  EXPECT_THAT(render_terminal(picture, {}), Not(HasSubstr("nan")));
}

TEST(RenderTerminal, SaysThatThereIsNothing) {
  EXPECT_EQ(render_terminal({}, {}), "(empty source: no attention)\n");
  EXPECT_EQ(render_terminal({{"a"}, {}, {}}, {}), "(empty target: no attention)\n");
  EXPECT_EQ(render_terminal({{}, {"</s>"}, {{}}}, {}), "(empty source: no attention)\n");
}

TEST(RenderTerminal, RefusesWeightsOfAnotherShape) {
  AttentionPicture picture = black_cat();
  picture.weights[1].pop_back();
  const auto error = [&] { return error_of([&] { render_terminal(picture, {}); }); };
  EXPECT_EQ(error(), "attention picture: row 1 has 2 weights for 3 source tokens");
  picture.weights.pop_back();
  EXPECT_EQ(error(), "attention picture: 2 rows of weights for 3 target tokens");
}

}  // namespace
}  // namespace heed
