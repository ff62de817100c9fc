#include <fmt/format.h>

#include <memory>

#include "attention_file.h"
#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/record/json_lines.h"
#include "heed/record/merge_subwords.h"
#include "models.h"
#include "output.h"
#include "score_files.h"

namespace heed::app {
namespace {

struct ScoreCommand : ModelsCommand {
  PairFiles files;
  bool progress = false;
  std::string output;
  bool json = false;
  bool merge_subwords = false;
  AttentionFileOption attention_file;
  int digits = LineOptions().decimals;
  ScoreOptions options;

  void run(const CLI::App& command) const {
    files.check(command);
    refuse_idle_models(command);
    refuse_idle(command, "--merge-subwords", !json, "without --format jsonl, whose tokens are merged");
    refuse_idle(command, "--attention-digits", !options.attention, "without --attention, whose decimals they are");
    if (options.attention && !json) throw UsageError("--attention: needs --format jsonl");
    Output out(output, files.inputs());
    std::vector<std::string> others = files.inputs();
    others.push_back(output);
    AttentionFile weights(attention_file, others);
    ScoreOptions how = options;
    how.attention = options.attention || attention_file;
    const std::vector<Bundle> bundles = load_bundles(how.attention);
    const auto text_of = [&](const Translated& scored) {
      weights.add(scored);
      return json ? to_scored_line(scored, {.attention = options.attention, .decimals = digits})
                  : fmt::format("{:.6f}\n", scored.translations.front().log_probability);
    };
    score_files(files, progress, {bundles, ensemble}, how, out, [&](const Translated& scored) {
      return merge_subwords ? text_of(heed::merge_subwords(scored)) : text_of(scored);
    });
    weights.finish();
    out.finish();
  }
};

}  // namespace

void add_score(CLI::App& app) {
  CLI::App* command = app.add_subcommand("score", "log-probabilities of given translations");
  auto options = std::make_shared<ScoreCommand>();
  options->options.attention = false;
  options->add_models(*command);
  options->files.add(*command);
  add_output(*command, options->output);
  add_json_format(*command, options->json, "jsonl");
  command->add_flag("--attention", options->options.attention, "add the attention weights to the JSON lines");
  command->add_flag("--merge-subwords", options->merge_subwords,
                    "JSON lines have the words between spaces for tokens, with their attention and log-probability");
  options->attention_file.add(*command);
  add_attention_digits(*command, options->digits);
  add_progress(*command, options->progress);
  add_batch(*command, options->options.batch_sentences);
  add_threads(*command, options->options.threads);
  add_precision(*command, options->precision);
  add_max_length(*command, options->options.max_length, "a longer sentence (tokens) is an error");
  command->footer(
      "As text: for each pair the natural logarithm of the probability of the target, EOS included,\n"
      "given the source. JSON lines have each token's as well.");
  command->callback([options, command] { options->run(*command); });
}

}  // namespace heed::app
