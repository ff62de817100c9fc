#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/data/lines.h"
#include "heed/view/attention_picture.h"
#include "heed/view/page.h"
#include "heed/view/visible_text.h"
#include "output.h"
#include "viewed_lines.h"

namespace heed::app {
namespace {

/// What the options for one picture name, counted from 1; 0 is all, or the mean.
struct Choice {
  int translation = 0;
  int layer = 0;
  int head = 0;
  bool words = false;
  bool pieces = false;

  void check_page() const;
  Merging merging() const;
};

struct Format {
  std::string name;
  const char* unshown = nullptr;  // what a terminal cannot show
  std::string (*render)(std::span<const AttentionPicture> pictures, const DrawingOptions& drawing) = nullptr;
};
const Format kTerminal{"terminal"};
const Format kPage{"html", "page"};
const Format kSvg{"svg", nullptr, render_svg};
const Format kPng{"png", "PNG", render_png};
const Format kPdf{"pdf", "PDF", render_pdf};
const Format* const kFormats[] = {&kTerminal, &kPage, &kSvg, &kPng, &kPdf};

struct ViewCommand {
  std::string input = "-";
  std::string compare;
  std::string output;
  const Format* format = &kTerminal;
  std::string title;
  std::string sentences;
  std::string sure;
  std::string possible;
  std::vector<std::string> references;
  std::string colour = "auto";
  bool ascii = false;
  int width = 0;
  Choice choice;
  DrawingOptions drawing;

  void run() const;
  void check() const;
  void check_looks() const;
  std::vector<ViewedSentence> read(const std::string& path) const;
  std::vector<ViewedSentence> select(std::vector<ViewedSentence> all) const;
  std::vector<std::size_t> chosen(std::size_t most) const;
  std::string page(std::vector<ViewedSentence> drawn) const;
  std::string terminal(const std::vector<ViewedSentence>& drawn, const Output& out) const;
  std::vector<AttentionPicture> pictures(const std::vector<ViewedSentence>& drawn) const;
  AttentionPicture picture(const ViewedSentence& sentence, int translation) const;
};

/// What would do nothing is an error.
void Choice::check_page() const {
  for (const auto& [name, given] :
       {std::pair("--translation", translation > 0), std::pair("--layer", layer > 0), std::pair("--head", head > 0),
        std::pair("--words", words), std::pair("--pieces", pieces)}) {
    if (given) throw UsageError(fmt::format("{}: is chosen on the page itself; with --format html leave it out", name));
  }
}

Merging Choice::merging() const {
  if (pieces) return Merging::kNever;
  return words ? Merging::kAlways : Merging::kPieces;
}

void ViewCommand::run() const {
  check();
  std::vector<std::string> inputs = {input, compare, sure, possible};
  inputs.insert(inputs.end(), references.begin(), references.end());
  Output out(output, inputs);
  if (format->unshown != nullptr && out.is_terminal()) {
    throw UsageError(
        fmt::format("--format {0}: a terminal shows no {1}; say --output FILE.{0}, or pipe it to a program",
                    format->name, format->unshown));
  }
  std::vector<ViewedSentence> drawn = read(input);
  if (format->render != nullptr) {
    out.write(format->render(pictures(drawn), drawing));
  } else {
    out.write(format == &kPage ? page(std::move(drawn)) : terminal(drawn, out));
  }
  out.finish();
}

void ViewCommand::check_looks() const {
  struct Look {
    const char* name;
    bool given;
    std::string_view formats;
  };
  const DrawingOptions usual;
  const Look looks[] = {{"--references", !references.empty(), "html, terminal"},
                        {"--title", !title.empty(), "html, svg, png, pdf"},
                        {"--columns", drawing.columns != usual.columns, "svg, png, pdf"},
                        {"--numbers", drawing.numbers, "svg, png, pdf"},
                        {"--dark", drawing.dark, "svg, png, pdf"},
                        {"--resolution", drawing.resolution != usual.resolution, "png"},
                        {"--width", width > 0, "terminal"},
                        {"--colour", colour != "auto", "terminal"},
                        {"--ascii", ascii, "terminal"}};
  for (const Look& look : looks) {
    if (look.given && look.formats.find(format->name) == std::string_view::npos)
      throw UsageError(
          fmt::format("{}: has no effect on --format {}; it is for {}", look.name, format->name, look.formats));
  }
}

void ViewCommand::check() const {
  if (choice.words && choice.pieces) throw UsageError("--words and --pieces: say one");
  if (!compare.empty() && format != &kPage) throw UsageError("--compare: needs --format html");
  if (!possible.empty() && sure.empty()) throw UsageError("--possible: needs --sure, the links that are certain");
  if (!sure.empty() && format == &kTerminal)
    throw UsageError("--sure: the terminal shows no gold links; say --format html, svg, png or pdf");
  if (format == &kPage) choice.check_page();
  check_looks();
  const bool piped = std::find(references.begin(), references.end(), "-") != references.end();
  if (sure == "-" || possible == "-" || compare == "-" || piped)
    throw UsageError("'-': only --input can be standard input, here name files");
}

/// What is drawn of a file.
std::vector<ViewedSentence> ViewCommand::read(const std::string& path) const {
  // Beside another model's translations those of a model without attention can stand.
  std::vector<ViewedSentence> all = read_viewed_file(path, compare.empty());
  const std::size_t lines = all.size();
  std::vector<ViewedSentence> out = select(std::move(all));
  if (!sure.empty()) add_gold(out, lines, sure, possible);
  for (const std::string& file : references) add_references(out, lines, file);
  return out;
}

/// Those of --sentences; without it all, or of a picture the first that has words.
std::vector<ViewedSentence> ViewCommand::select(std::vector<ViewedSentence> all) const {
  if (!sentences.empty()) {
    std::vector<ViewedSentence> out;
    for (const std::size_t place : chosen(all.size())) out.push_back(all[place]);
    return out;
  }
  if (format->render == nullptr) return all;
  const auto has_words = [](const ViewedSentence& sentence) { return !sentence.source_tokens.empty(); };
  const auto first = std::ranges::find_if(all, has_words);
  if (first == all.end())
    throw Error(fmt::format("{}: every sentence is empty: there is nothing to draw", shown(input)));
  return {*first};
}

/// A number of --sentences.
std::size_t read_number(std::string_view text, std::size_t most) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0)
    throw UsageError(fmt::format("--sentences: '{}' is not a sentence number; write them like 1,4-6", text));
  if (value > most) throw UsageError(fmt::format("--sentences: there is no sentence {}: there are {}", value, most));
  return value;
}

/// Places of the sentences that --sentences names, in its order.
std::vector<std::size_t> ViewCommand::chosen(std::size_t most) const {
  std::vector<std::size_t> out;
  std::string_view rest = sentences;
  while (true) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view part = rest.substr(0, comma);
    const std::size_t dash = std::min(part.find('-'), part.size());
    const std::size_t first = read_number(part.substr(0, dash), most);
    const std::size_t last = dash == part.size() ? first : read_number(part.substr(dash + 1), most);
    if (last < first) throw UsageError(fmt::format("--sentences: '{}' runs backwards", part));
    for (std::size_t i = first; i <= last; ++i) out.push_back(i - 1);
    if (comma == rest.size()) return out;
    rest.remove_prefix(comma + 1);
  }
}

PageModel model_of(const std::string& path, std::vector<ViewedSentence> drawn) {
  PageModel out;
  out.name = path == "-" ? "standard input" : std::filesystem::path(path).stem().string();
  out.error_rate = error_rate(drawn);
  out.sentences = std::move(drawn);
  return out;
}

std::string ViewCommand::page(std::vector<ViewedSentence> drawn) const {
  std::vector<PageModel> models = {model_of(input, std::move(drawn))};
  if (!compare.empty()) {
    models.push_back(model_of(compare, read(compare)));
    if (models[0].name == models[1].name) {
      models[0].name = input;
      models[1].name = compare;
    }
  }
  std::string heading = "Attention: " + models.front().name;
  if (models.size() > 1) heading += " and " + models.back().name;
  return render_page(models, {title.empty() ? heading : title});
}

AttentionPicture ViewCommand::picture(const ViewedSentence& sentence, int translation) const {
  return picture_of(sentence, {translation, choice.layer - 1, choice.head - 1, choice.merging()});
}

std::string ViewCommand::terminal(const std::vector<ViewedSentence>& drawn, const Output& out) const {
  TerminalOptions options;
  options.colour = colour == "auto" ? out.has_colour() : colour == "always";
  options.unicode = !ascii && out.has_unicode();
  options.width = width > 0 ? static_cast<std::size_t>(width) : out.width();
  std::string text;
  for (const ViewedSentence& sentence : drawn) {
    for (int n = 0; n < static_cast<int>(sentence.translations.size()); ++n) {
      if (choice.translation > 0 && n != choice.translation - 1) continue;
      const Translation& translation = sentence.translations[static_cast<std::size_t>(n)];
      std::vector<std::string> lines = {sentence.source, translation.text};
      for (const std::string& reference : sentence.references) lines.push_back("reference: " + reference);
      for (const std::string& line : lines) text += visible_text(line, options.unicode) + "\n";
      if (!translation.attention.empty()) text += render_terminal(picture(sentence, n), options);
      text += "\n";
    }
    if (choice.translation > static_cast<int>(sentence.translations.size())) picture(sentence, choice.translation - 1);
  }
  return text;
}

std::vector<AttentionPicture> ViewCommand::pictures(const std::vector<ViewedSentence>& drawn) const {
  std::vector<AttentionPicture> out;
  const int translation = std::max(choice.translation - 1, 0);
  for (const ViewedSentence& sentence : drawn) {
    if (sentence.source_tokens.empty())
      throw Error(fmt::format("sentence {} is empty: there is nothing to draw", sentence.number));
    out.push_back(picture(sentence, translation));
    out.back().title = title.empty() && drawn.size() > 1 ? sentence.translations[translation].text : title;
  }
  return out;
}

void add_choice(CLI::App& command, Choice& choice) {
  command
      .add_option(
          "--translation", choice.translation,
          "terminal and pictures: the N-th best translation (terminal: all of them without this; others: the best)")
      ->check(in_range(1, 1000));
  command
      .add_option("--layer", choice.layer,
                  "terminal and pictures: a layer or hop of the attention, from 1 (default: the mean of all)")
      ->check(in_range(1, 1000));
  command
      .add_option("--head", choice.head,
                  "terminal and pictures: a head of the layer, from 1 (default: the mean of its heads)")
      ->check(in_range(1, 1000));
  command.add_flag("--words", choice.words,
                   "terminal and pictures: tokens merged to words: weights of a source word's tokens add up, of a "
                   "target word's the mean is taken (default: where they are sub-words)");
  command.add_flag("--pieces", choice.pieces, "terminal and pictures: sub-words as they are");
}

void add_looks(CLI::App& command, ViewCommand& options) {
  command.add_option("--title", options.title, "above the page or the picture")->type_name("TEXT");
  command.add_option("--columns", options.drawing.columns, "svg, png, pdf: pictures in a row")
      ->check(in_range(1, 100))
      ->capture_default_str();
  command.add_flag("--numbers", options.drawing.numbers, "svg, png, pdf: each weight in its cell");
  command.add_flag("--dark", options.drawing.dark, "svg, png, pdf: for dark slides");
  command.add_option("--resolution", options.drawing.resolution, "png: pixels for a point of the SVG")
      ->check(in_range(0.25, 16.0))
      ->capture_default_str();
  command.add_option("--width", options.width, "terminal: its columns (default: the terminal's, or 100)")
      ->check(in_range(12, 10000));
  command.add_option("--colour", options.colour, "terminal: 256 colours; auto minds NO_COLOR and files")
      ->check(one_of({"auto", "always", "never"}))
      ->capture_default_str();
  command.add_flag("--ascii", options.ascii, "terminal: no character beyond ASCII in the picture");
}

const Format& format_named(const std::string& name) {
  return **std::ranges::find_if(kFormats, [&](const Format* format) { return format->name == name; });
}

/// The format that a file's name ends with; else that of a terminal.
const Format& format_of(const std::string& output) {
  std::vector<std::string> names;
  for (const Format* format : kFormats) {
    if (format != &kTerminal) names.push_back(format->name);
  }
  return format_named(format_by_ending(output, names, kTerminal.name));
}

void add_format(CLI::App& command, const Format*& chosen) {
  std::vector<std::string> names;
  for (const Format* format : kFormats) names.push_back(format->name);
  command
      .add_option_function<std::string>(
          "--format", [&chosen](const std::string& name) { chosen = &format_named(name); },
          "what is written (default: as --output ends, .html, .svg, .png or .pdf; else terminal)")
      ->check(one_of(names));
}

}  // namespace

void add_view(CLI::App& app) {
  CLI::App* command = app.add_subcommand("view", "pages and pictures of attention");
  auto options = std::make_shared<ViewCommand>();
  command
      ->add_option("-i,--input", options->input,
                   "file of `heed translate` or `heed score --format jsonl --attention` (default: standard input)")
      ->type_name("FILE");
  add_format(*command, options->format);
  add_output(*command, options->output);
  command
      ->add_option("--sentences", options->sentences,
                   "which, by their numbers from 1, like 1,4-6 (default: all; svg, png, pdf: the first)")
      ->type_name("LIST");
  command->add_option("--compare", options->compare, "html: another model's file for the same sentences, side by side")
      ->type_name("FILE");
  command
      ->add_option("--sure", options->sure,
                   "html, svg, png, pdf: gold alignment to show: a line of i-j links (source-target word, from 0) for "
                   "each sentence")
      ->type_name("FILE");
  command->add_option("--possible", options->possible, "its links that are possible, but not sure")->type_name("FILE");
  command
      ->add_option("--references", options->references,
                   "html, terminal: right translations to show, a line for each sentence; can be given several times")
      ->type_name("FILE")
      ->allow_extra_args(false);
  add_choice(*command, options->choice);
  add_looks(*command, *options);
  command->footer(
      "html is one file that needs no network: a list to search and to sort, heat maps, ribbons, and the beam's tree\n"
      "where the file was made with --trace. svg, png and pdf are one sentence, or a grid of those that --sentences "
      "names.\n\n"
      "  heed translate --model runs/en-fr --input test.en --format jsonl --attention --trace > test.jsonl\n"
      "  heed view --input test.jsonl --format html --output test.html\n"
      "  heed view --input test.jsonl --format svg --sentences 1,4-6 --columns 2 --output figure.svg\n"
      "  heed view --input test.jsonl --compare other.jsonl --format html --output both.html");
  command->callback([options, command] {
    if (command->count("--format") == 0) options->format = &format_of(options->output);
    options->run();
  });
}

}  // namespace heed::app
