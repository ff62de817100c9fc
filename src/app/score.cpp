#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "attention_file.h"
#include "commands.h"
#include "common_options.h"
#include "continuation.h"
#include "heed/base/error.h"
#include "heed/base/utf8.h"
#include "heed/record/json_lines.h"
#include "heed/record/merge_subwords.h"
#include "models.h"
#include "output.h"
#include "parts.h"
#include "score_files.h"

namespace heed::app {
namespace {

/// The figures of --summary; EOS counts as a token and as a word.
class Summary {
 public:
  void add(const Translation& scored) {
    ++pairs_;
    tokens_ += static_cast<long>(scored.tokens.size());
    words_ += static_cast<long>(utf8::words(scored.text).size()) + 1;
    log_probability_ += scored.log_probability;
  }
  std::string text() const {
    const auto per = [&](long count) { return log_probability_ / static_cast<double>(count); };
    const nlohmann::ordered_json out = {{"pairs", pairs_},
                                        {"tokens", tokens_},
                                        {"words", words_},
                                        {"log_probability", log_probability_},
                                        {"mean_log_probability", per(pairs_)},
                                        {"perplexity_per_token", std::exp(-per(tokens_))},
                                        {"perplexity_per_word", std::exp(-per(words_))}};
    return out.dump() + "\n";
  }

 private:
  long pairs_ = 0;
  long tokens_ = 0;
  long words_ = 0;
  double log_probability_ = 0;
};

struct ScoreCommand : ModelsCommand {
  PairFiles files;
  bool progress = false;
  std::string output;
  bool json = false;
  bool merge_subwords = false;
  bool summary = false;
  AttentionFileOption attention_file;
  ContinueOption continues;
  int digits = LineOptions().decimals;
  ScoreOptions options;

  void run(const CLI::App& command) const {
    files.check(command);
    refuse_idle_models(command);
    refuse_idle(command, "--merge-subwords", !json, "without --format jsonl, whose tokens are merged");
    for (const char* flag : {"--format", "--attention"})
      refuse_idle(command, flag, summary, "on --summary, which is one JSON object of figures");
    refuse_idle(command, "--attention-digits", !options.attention, "without --attention, whose decimals they are");
    if (options.attention && !json) throw UsageError("--attention: needs --format jsonl");
    if (continues && (summary || attention_file))
      throw UsageError(fmt::format("--continue: has no effect on {}, which is written at the end",
                                   summary ? "--summary" : "--attention-file"));
    continues.check(output, files.inputs());
    warn_of_processes(files.part);
    Output out(output, files.inputs());
    std::vector<std::string> others = files.inputs();
    others.push_back(output);
    AttentionFile weights(attention_file, others);
    ScoreOptions how = options;
    how.attention = options.attention || attention_file;
    const std::vector<Bundle> bundles = load_bundles(how.attention);
    Continuation continuation(out, continues, command, models);
    if (continuation.is_done()) return;
    if (attention_file && !files.part.is_whole()) weights.start_behind(PairLines(files, nullptr).before());
    Summary all;
    const auto text_of = [&](const Translated& scored) {
      weights.add(scored);
      all.add(scored.translations.front());
      if (summary) return std::string();
      return json ? to_scored_line(scored, {.attention = options.attention, .decimals = digits})
                  : fmt::format("{:.6f}\n", scored.translations.front().log_probability);
    };
    score_files(files, {.progress = progress, .continuation = &continuation}, {bundles, ensemble}, how, out,
                [&](const Translated& scored) {
                  return merge_subwords ? text_of(heed::merge_subwords(scored)) : text_of(scored);
                });
    weights.finish();
    if (summary) out.write(all.text());
    continuation.finish();
  }
};

}  // namespace

void add_score(CLI::App& app) {
  CLI::App* command = app.add_subcommand("score", "log-probabilities of given translations");
  auto options = std::make_shared<ScoreCommand>();
  options->options.attention = false;
  options->add_models(*command);
  options->add_combine(*command);
  options->files.add(*command);
  add_output(*command, options->output);
  add_json_format(*command, options->json, "jsonl");
  command->add_flag("--attention", options->options.attention, "add the attention weights to the JSON lines");
  command->add_flag("--merge-subwords", options->merge_subwords,
                    "JSON lines have the words between spaces for tokens, with their attention and log-probability");
  command->add_flag("--summary", options->summary,
                    "one JSON object for all pairs instead: perplexity per token and per word, mean log-probability");
  options->attention_file.add(*command);
  add_attention_digits(*command, options->digits);
  add_progress(*command, options->progress);
  add_part(*command, options->files.part);
  options->continues.add(*command);
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
