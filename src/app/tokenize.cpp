#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/data/lines.h"
#include "heed/model/bundle.h"
#include "output.h"

namespace heed::app {
namespace {

/// `tokenize` and `detokenize`, the other way.
struct TokenizeCommand {
  std::string model;
  std::string side = "source";
  std::string input = "-";
  std::string output;
  bool ids = false;

  void run(bool back) const;
};

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) (out += out.empty() ? "" : " ") += word;
  return out;
}

std::string tokens_of(const TextSide& side, std::string_view line, bool ids) {
  const Encoding encoding = side.encode(line);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < encoding.pieces.size(); ++i)
    out.push_back(ids ? std::to_string(encoding.ids[i]) : encoding.pieces[i].text);
  return joined(out);
}

int id_of(std::string_view word, int vocabulary) {
  int id = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  if (error != std::errc() || stop != word.data() + word.size() || id < 0 || id >= vocabulary)
    throw Error(fmt::format("'{}' is no id; expected whole numbers, 0 to {}", word, vocabulary - 1));
  return id;
}

std::string text_of(const TextSide& side, std::string_view line, bool ids) {
  std::vector<int> numbers;
  std::vector<std::string> tokens;
  while (!line.empty()) {  // some tokens are blanks, but none has a space
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0 && ids) numbers.push_back(id_of(line.substr(0, end), side.vocabulary_size()));
    if (end > 0 && !ids) tokens.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return ids ? side.decode(numbers) : side.join(tokens);
}

void TokenizeCommand::run(bool back) const {
  Output out(output, {input});
  const Bundle bundle = Bundle::load(model);
  const TextSide& of = side == "source" ? bundle.source : bundle.target;
  const auto answer = [&](std::string_view line, long number) {
    try {
      return back ? text_of(of, line, ids) : tokens_of(of, line, ids);
    } catch (const Error& error) {
      throw Error::at({.file = shown(input), .line = number}, error.what(), error.kind());
    }
  };
  for_each_line(input, [&](std::string_view line, long number) { out.write(answer(line, number) + "\n"); });
  out.finish();
}

void add(CLI::App& app, bool back, const char* name, const char* what, const char* reads, const char* ids) {
  CLI::App* command = app.add_subcommand(name, what);
  auto options = std::make_shared<TokenizeCommand>();
  command->add_option("-m,--model", options->model, "directory of a trained model")->type_name("DIR")->required();
  command->add_option("--side", options->side, "whose tokens: those that it reads, or those that it writes")
      ->check(one_of({"source", "target"}))
      ->capture_default_str();
  command->add_option("-i,--input", options->input, std::string(reads) + "; .gz and .zst too (default: standard input)")
      ->type_name("FILE");
  add_output(*command, options->output);
  command->add_flag("--ids", options->ids, ids);
  command->footer(
      "A line for each line, at once. `heed tokenize | heed detokenize` gives the text back as the model writes it:\n"
      "normalised, and in lower case, if the side is.\n\n"
      "  heed tokenize --model runs/en-fr --side target < test.fr | heed detokenize --model runs/en-fr --side target");
  command->callback([options, back] { options->run(back); });
}

}  // namespace

void add_tokenize(CLI::App& app) {
  add(app, false, "tokenize", "text cut into the tokens of a model", "file of sentences, one a line",
      "write the numbers of the tokens in the vocabulary; that of <unk> for those that are not in it");
}

void add_detokenize(CLI::App& app) {
  add(app, true, "detokenize", "text of the tokens of a model", "file of tokens with spaces between, a sentence a line",
      "read numbers of tokens in the vocabulary");
}

}  // namespace heed::app
