#include "heed/translate/shortlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ranges>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"
#include "output.h"
#include "pair_lines.h"

namespace heed::app {
namespace {

constexpr int kMost = 1000000;

struct ShortlistCommand {
  std::string model;
  PairFiles files;
  std::string output;
  std::string precision;
  std::string by;  // empty: attention where the model attends
  ShortlistOptions options;

  void run(const CLI::App& command) const {
    files.check(command);
    refuse_idle_options(command, by == "counts", "on --by counts, which asks no model: --by attention reads it");
    Output out(output, files.inputs());
    const Bundle bundle = Bundle::load(model, chosen_precision(precision));
    check_serves_shortlist(*bundle.model);
    const bool attends = bundle.model->decoder().attends();
    refuse_idle_options(command, by.empty() && !attends,
                        "on a model without attention, which is counted by --by counts");
    if (by == "attention" && !attends) {
      throw Error(fmt::format("'{}' has no attention to count (model.attention.kind: none); take --by counts", model));
    }
    const bool by_attention = by.empty() ? attends : by == "attention";
    // Counting reads no features.
    PairLines lines(files, by_attention ? &bundle.config.data : nullptr);
    const PairSource pairs = [&lines] { return lines.next(); };
    ShortlistOptions how = options;
    how.source_name = files.source_name();
    how.target_name = files.target_name();
    const Shortlist list = by_attention ? shortlist_of_attention(bundle, pairs, how)
                                        : shortlist_of_counts(bundle.source, bundle.target, pairs, how);
    const auto is_empty = [&](int token) { return list.list(token).empty(); };
    const auto tokens = std::views::iota(0, list.source_vocabulary());
    if (list.frequent().empty() && std::all_of(tokens.begin(), tokens.end(), is_empty)) {
      throw Error(
          fmt::format("'{}' gives no target word to list: none of its tokens is in the model's vocabulary, or "
                      "--best and --frequent are 0",
                      how.target_name));
    }
    out.write(list.to_text(bundle.source, bundle.target));
    out.finish();
  }

  static void refuse_idle_options(const CLI::App& command, bool idle, const std::string& why) {
    for (const char* flag : {"--batch", "--threads", "--precision", "--max-length"})
      refuse_idle(command, flag, idle, why);
  }
};

void add_size(CLI::App& command, const std::string& name, int& size, const std::string& what) {
  command.add_option(name, size, what)->check(in_range(0, kMost))->capture_default_str();
}

}  // namespace

void add_shortlist(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("shortlist", "likely target tokens of each source token, for faster translation");
  auto options = std::make_shared<ShortlistCommand>();
  command->add_option("-m,--model", options->model, "directory of a trained model")->type_name("DIR")->required();
  options->files.add(*command, "file of source sentences, best the training text");
  command
      ->add_option("-o,--output", options->output, "the shortlist, written whole or not at all; '-' is standard output")
      ->type_name("FILE")
      ->check(is_named())
      ->required();
  command
      ->add_option(
          "--by", options->by,
          "attention: what the model attended to; counts: IBM Model 1 (default: attention, if the model has it)")
      ->check(one_of({"attention", "counts"}));
  add_size(*command, "--best", options->options.best, "target tokens that each source token keeps");
  add_size(*command, "--frequent", options->options.frequent, "most frequent target tokens, which every sentence has");
  add_batch(*command, options->options.batch_sentences);
  add_threads(*command, options->options.threads);
  add_precision(*command, options->precision);
  add_max_length(*command, options->options.max_length, "a longer sentence (tokens) is an error");
  command->footer(
      "The file is text: 'heed-shortlist 2 CHECKSUM', a line '* TAB token...' of frequent tokens, and for each source "
      "token a "
      "line\n"
      "'source TAB target...', best first.\n\n"
      "  heed shortlist --model runs/en-fr --source train.en --target train.fr --output runs/en-fr.shortlist\n"
      "  heed translate --model runs/en-fr --shortlist runs/en-fr.shortlist < text");
  command->callback([options, command] { options->run(*command); });
}

}  // namespace heed::app
