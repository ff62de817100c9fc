#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "commands.h"
#include "common_options.h"
#include "heed/base/error.h"
#include "heed/model/seq2seq.h"
#include "heed/translate/dictionary.h"
#include "heed/view/visible_text.h"
#include "interactive.h"
#include "line_stream.h"
#include "messages.h"
#include "parts.h"
#include "picture.h"

namespace heed::app {
namespace {

constexpr int kAlternatives = 4;  // that --interactive shows where --nbest says nothing

bool attends(const Translator& translator) { return translator.bundle().model->decoder().attends(); }

}  // namespace

void TranslateCommand::run(const CLI::App& command) const {
  check();
  warn_of_processes(input_format.part);
  std::vector<std::string> inputs = {
      input, shortlist, dictionary, forbid, allowed, constraints.prefix, constraints.constraints};
  refuse_input_twice(inputs);
  continues.check(output, inputs);
  Output out(output, inputs);
  inputs.push_back(output);
  AttentionFile weights(attention_file, inputs);
  const bool attention = options.attention || show_attention || attention_file;
  const Translator translator = load(attention);
  TranslateOptions how = options_for(translator);
  how.attention = attention;
  if (!dictionary.empty()) how.dictionary = std::make_shared<Dictionary>(Dictionary::load(dictionary));
  if (interactive) {
    if (!translator.bundle().source.features().empty()) {
      throw UsageError(fmt::format("--interactive: the model reads features ({}), which cannot be typed",
                                   translator.bundle().source.options().feature_names()));
    }
    how.attention = attends(translator);
    if (!says_nbest) how.nbest = std::min(options.beam, kAlternatives);
    return translate_interactively(translator, how, out);
  }
  Continuation continuation(out, continues, command, models);
  if (continuation.is_done()) return;
  LineStream stream(*this, translator, how, {out, weights, continuation});
  stream.run();
  weights.finish();
  continuation.finish();
  stream.warn();
}

void TranslateCommand::check() const {
  check_nbest();
  if (show_attention && json) {
    throw UsageError(
        "--show-attention: draws beside text; with --format jsonl take --attention, and `heed view` later");
  }
  if (interactive) check_interactive();
  if (continues && attention_file)
    throw UsageError("--continue: has no effect on --attention-file, which is written whole or not at all");
  if (options.attention && !json && !show_attention) {
    throw UsageError("--attention: needs --format jsonl; --show-attention draws it beside text");
  }
  if (options.token_scores && !json) throw UsageError("--token-scores: needs --format jsonl");
  if (options.trace && !json) {
    throw UsageError("--trace: needs --format jsonl; `heed view --format html` shows it");
  }
  if (!dictionary.empty() && !options.replace_unknown) {
    throw UsageError("--dictionary: has the words of --replace-unknown, which is not given");
  }
}

void TranslateCommand::check_interactive() const {
  const auto refuse = [](const char* option, const char* why) {
    throw UsageError(fmt::format("{}: has no effect with --interactive, which {}", option, why));
  };
  if (input != "-") refuse("--input", "reads what is typed");
  if (!output.empty() && output != "-") refuse("--output", "answers on standard output");
  if (json) refuse("--format", "answers as text");
  if (input_format.name != "text") refuse("--input-format", "reads what is typed");
  if (attention_file) refuse("--attention-file", "shows it beside each answer");
  if (!constraints.prefix.empty()) refuse("--prefix", "reads what is typed");
  if (!constraints.constraints.empty()) refuse("--constraints", "reads what is typed");
  if (strict) refuse("--strict", "says what is wrong with a line and goes on");
}

/// A person at a terminal, and a program that asks with --batch 1 for answers one by one, wait for each line's answer,
/// however many workers could take lines that have not been sent.
std::size_t TranslateCommand::block_lines() const {
  if (options.batch_sentences == 1 || (input == "-" && isatty(STDIN_FILENO) != 0)) return 1;
  return block_sentences();
}

std::string TranslateCommand::print(const Translated& translated, long line, const Output& out) const {
  if (json) {
    return to_json_line(translated,
                        {.attention = options.attention, .decimals = digits, .token_scores = options.token_scores});
  }
  std::string text;
  for (std::size_t i = 0; i < translated.translations.size(); ++i) {
    const Translation& translation = translated.translations[i];
    // What programs read is as the model wrote it; beside a picture people read it.
    const std::string line_text = show_attention ? visible_text(translation.text, out.has_unicode()) : translation.text;
    text += options.nbest == 1 ? line_text + "\n"
                               : fmt::format("{} ||| {} ||| Heed0= {:.6f} ||| {:.4f}\n", line, line_text,
                                             translation.log_probability, translation.score);
    if (show_attention) text += draw(translated, i, out);
  }
  return text;
}

namespace {

void add_nbest(CLI::App& command, TranslateOptions& options) {
  command
      .add_option("--nbest", options.nbest,
                  "translations of each sentence, best first; no more than --beam, unless they are drawn or "
                  "alternatives. As text, N > 1 "
                  "gives the lines of Moses, 'i ||| translation ||| Heed0= log-probability ||| score', with i "
                  "counted from 0, which `heed rescore` reads")
      ->check(in_range(1, 1000))
      ->capture_default_str();
  command.add_flag("--alternatives", options.alternatives,
                   "instead of a beam the --nbest best first tokens (behind a prefix, if there is one), each completed "
                   "by greedy search");
}

void add_replacing(CLI::App& command, TranslateCommand& options) {
  command.add_flag("--replace-unknown", options.options.replace_unknown,
                   "replace <unk> by the source word that it attended to most");
  command
      .add_option("--dictionary", options.dictionary,
                  "with --replace-unknown: lines 'source TAB target', words or phrases; the longest that has the word "
                  "is replaced by its translation")
      ->type_name("FILE");
}

void add_input(CLI::App& command, TranslateCommand& options) {
  command
      .add_option("-i,--input,--source", options.input,
                  "file of sentences, one a line; .gz and .zst too (default: standard input)")
      ->type_name("FILE");
  command
      .add_option("--input-format", options.input_format.name,
                  "what a line of it is: a sentence, columns with tabs between, or JSON with \"source\" and what "
                  "docs/json-lines.md "
                  "lists")
      ->check(one_of({"text", "tsv", "jsonl"}))
      ->capture_default_str();
  command
      .add_option(
          "--columns", options.input_format.columns,
          "of --input-format tsv: that of the source, from 1, and then of the model's features (default: 1, and "
          "those of its training)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N,N")
      ->check(in_range(1, 1000));
}

void add_constraints(CLI::App& command, ConstraintPaths& paths) {
  command
      .add_option("--prefix", paths.prefix,
                  "file with a line for each sentence, with which its answer begins; a blank at its end says that its "
                  "last word is whole; an empty line: nothing")
      ->type_name("FILE");
  command
      .add_option("--constraints", paths.constraints,
                  "file with a line for each sentence: phrases that its answer has, with tabs between them, and behind "
                  "a '!' those that it does not have")
      ->type_name("FILE");
}

void refuse_idle_options(const CLI::App& command, const TranslateCommand& options) {
  refuse_idle(command, "--columns", options.input_format.name != "tsv", "without --input-format tsv, whose they are");
  for (const char* flag : {"--batch", "--threads", "--part", "--continue"}) {
    refuse_idle(command, flag, options.interactive, "on --interactive, which answers one sentence at a time");
  }
  refuse_idle(command, "--progress", options.interactive, "on --interactive, which answers one sentence at a time");
  refuse_idle(command, "--attention-digits", !options.options.attention && !options.options.trace,
              "without --attention or --trace, whose decimals they are");
  refuse_idle(command, "--merge-subwords", !options.json, "without --format jsonl, whose tokens are merged");
  refuse_idle(command, "--merge-subwords", options.options.trace, "with --trace, whose candidates are tokens");
  refuse_idle(command, "--show-attention", options.interactive, "on --interactive, which always shows it");
  refuse_idle(command, "--replace-unknown", options.options.forbid_unknown, "with --forbid-unknown: there is no <unk>");
  refuse_idle(command, "--alternatives", options.sample, "with --sample, which draws");
  options.refuse_idle_options(command);
}

}  // namespace

void add_translate(CLI::App& app) {
  CLI::App* command = app.add_subcommand("translate", "translate text, line by line");
  auto options = std::make_shared<TranslateCommand>();
  options->add_models(*command);
  options->add_combine(*command);
  add_input(*command, *options);
  add_output(*command, options->output);
  options->add_search(*command);
  add_nbest(*command, options->options);
  add_constraints(*command, options->constraints);
  add_json_format(*command, options->json, "jsonl");
  command->add_flag("--attention", options->options.attention, "add the attention weights to the JSON lines");
  command->add_flag("--token-scores", options->options.token_scores,
                    "add the log-probability of each token to the JSON lines");
  command->add_flag("--merge-subwords", options->merge_subwords, "JSON lines have the words between spaces for tokens");
  command->add_flag("--show-attention", options->show_attention, "draw the attention below each translation");
  command->add_flag("--trace", options->options.trace,
                    "add the candidates of each search step to the JSON lines, with scores and attention");
  command->add_flag("--interactive", options->interactive,
                    "type a sentence, see its translation, alternatives and attention at once");
  command->add_flag(
      "--strict", options->strict,
      "end with an error at a line that is not text (invalid UTF-8, a NUL byte, 64 MiB without an end), or not of the "
      "--input-format, instead of "
      "an empty answer and a warning");
  options->attention_file.add(*command);
  add_attention_digits(*command, options->digits);
  add_progress(*command, options->progress);
  add_part(*command, options->input_format.part);
  options->continues.add(*command);
  options->add_computing(*command, "longer sentences (tokens) are cut, with a warning");
  add_replacing(*command, *options);
  command->footer(
      "Line N of the output is the translation of line N of the input; an empty line stays empty. A line that is no\n"
      "text gets an empty answer and a warning; its JSON line has no translations and an 'error'.\n"
      "Answers come in blocks; with --batch 1, or at a terminal, each line is answered before the next is read.\n\n"
      "  heed translate --model runs/en-fr --show-attention <<< 'Insert a new sheet.'");
  command->callback([options, command] {
    options->says_nbest = command->count("--nbest") > 0;
    refuse_idle_options(*command, *options);
    options->run(*command);
  });
}

}  // namespace heed::app
