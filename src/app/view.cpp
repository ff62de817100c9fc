#include <fmt/format.h>

#include <memory>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/text/corpus.h"
#include "json_lines.h"
#include "output.h"
#include "picture.h"

namespace heed::app {
namespace {

constexpr const char* kTerminal = "terminal";

struct ViewCommand {
  std::string input = "-";
  std::string output;
  std::string format = kTerminal;

  void run() const {
    if (format != kTerminal) {
      throw UsageError(fmt::format("--format {}: not in this version; only {} is", format, kTerminal));
    }
    Output out(output);
    for_each_line(input, [&](std::string_view line, long number) {
      if (line.empty()) return;
      const Translated translated = read(line, number);
      for (const Translation& translation : translated.translations) {
        out.write(translated.source + "\n" + translation.text + "\n" + draw(translated, translation, out) + "\n");
      }
    });
    out.finish();
  }

  Translated read(std::string_view line, long number) const try {
    Translated out = from_json_line(line);
    for (const Translation& translation : out.translations) {
      if (!translation.attention.empty() || translation.tokens.empty()) continue;
      throw Error("no attention to show; make the file with `heed translate --format jsonl --attention`");
    }
    return out;
  } catch (const Error& error) {
    throw Error(fmt::format("{}:{}: {}", shown(input), number, error.what()));
  }
};

}  // namespace

void add_view(CLI::App& app) {
  CLI::App* command = app.add_subcommand("view", "draw the attention of JSON lines that `heed translate` wrote");
  auto options = std::make_shared<ViewCommand>();
  command
      ->add_option("--input", options->input,
                   "file of `heed translate --format jsonl --attention` (default: standard input)")
      ->type_name("FILE");
  add_format(*command, options->format, {kTerminal, "html", "svg", "png"});
  add_output(*command, options->output);
  command->callback([options] { options->run(); });
}

}  // namespace heed::app
